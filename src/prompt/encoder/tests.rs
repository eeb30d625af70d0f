//! The LSTM by its equations, and what padding and colours do to an embedding.

use super::*;
use crate::prompt::sentence;
use burn::tensor::Tolerance;

#[test]
fn padding_changes_nothing() {
    let device = Device::flex();
    let encoder = TextEncoderConfig::new(7).init(&device);
    let short = vec![2, 3];
    let alone = encoder.forward(&Batch::new(std::slice::from_ref(&short), &device));
    let padded = encoder.forward(&Batch::new(&[short, vec![4, 5, 6, 2, 3]], &device));
    let near = Tolerance::<f32>::absolute(1e-6);
    let first = padded.sentence.clone().narrow(0, 0, 1);
    alone
        .sentence
        .to_data()
        .assert_approx_eq(&first.to_data(), near);
    let words = padded.words.clone().narrow(0, 0, 1);
    let seen = words.clone().narrow(1, 0, 2);
    alone
        .words
        .to_data()
        .assert_approx_eq(&seen.to_data(), near);
    let rest: f32 = words.narrow(1, 2, 3).abs().sum().into_scalar();
    assert_eq!(rest, 0.0);
    assert_eq!(padded.words.dims(), [2, 5, 256]);
}

/// The equations of the LSTM (Hochreiter and Schmidhuber 1997; the gate that forgets: Gers et al.
/// 2000), number by number, in both directions.
#[test]
fn words_and_sentence_are_what_the_equations_say() {
    let hidden = 4;
    let config = TextEncoderConfig::new(9)
        .with_embedding(3)
        .with_hidden(hidden);
    let encoder = config.init(&Device::flex());
    let numbers = |tensor: Tensor<2>| -> Vec<f64> { tensor.into_data().iter().collect() };
    let embedding = numbers(encoder.embedding.weight.val());
    let states = |lstm: &Lstm, ids: &mut dyn Iterator<Item = u32>| -> Vec<Vec<f64>> {
        let [input, state] = [&lstm.input, &lstm.state].map(|map| numbers(map.weight.val()));
        let bias = lstm.input.bias.as_ref().expect("a bias").val();
        let bias: Vec<f64> = bias.into_data().iter().collect();
        let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
        let step = |id: u32| {
            let x = &embedding[3 * id as usize..][..3];
            // Maps are [from, to].
            let gate = |gate: usize, k: usize| {
                let to = gate * hidden + k;
                let of = |from: &[f64], map: &[f64]| -> f64 {
                    let terms = from.iter().zip(map.chunks_exact(4 * hidden));
                    terms.map(|(value, row)| value * row[to]).sum()
                };
                bias[to] + of(x, &input) + of(&h, &state)
            };
            let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
            for (k, c) in c.iter_mut().enumerate() {
                let (input, forget) = (sigmoid(gate(0, k)), sigmoid(gate(1, k)));
                *c = forget * *c + input * gate(2, k).tanh();
            }
            let out = |k: usize| sigmoid(gate(3, k)) * c[k].tanh();
            h = (0..hidden).map(out).collect();
            h.clone()
        };
        ids.map(step).collect()
    };
    let near = |ours: &[f32], equations: &[f64]| {
        assert_eq!(ours.len(), equations.len());
        for (a, b) in ours.iter().zip(equations) {
            assert!((f64::from(*a) - b).abs() < 1e-5, "{a} {b}");
        }
    };
    let ids = [5u32, 2, 2, 8, 3];
    let read = encoder.forward(&Batch::new(&[ids.to_vec()], &Device::flex()));
    let ahead = states(&encoder.ahead, &mut ids.into_iter());
    let back = states(&encoder.back, &mut ids.into_iter().rev());
    let words = ahead.iter().zip(back.iter().rev());
    let words: Vec<f64> = words.flat_map(|(a, b)| [&a[..], b].concat()).collect();
    near(&read.words.into_data().try_to_vec::<f32>().unwrap(), &words);
    let sentence = [&ahead[4][..], &back[4]].concat();
    near(
        &read.sentence.into_data().try_to_vec::<f32>().unwrap(),
        &sentence,
    );
    let largest = |k: usize| {
        let of_words = words.chunks_exact(2 * hidden).map(|word| word[k]);
        of_words.fold(f64::MIN, f64::max)
    };
    let pooled: Vec<f64> = (0..2 * hidden).map(largest).collect();
    near(
        &read.pooled.into_data().try_to_vec::<f32>().unwrap(),
        &pooled,
    );
}

/// The clauses of some sentences, as a batch.
fn batch(sentences: &[&str]) -> Batch {
    let clauses: Vec<Clause> = sentences
        .iter()
        .flat_map(|text| sentence::read(text).expect("clauses").clauses)
        .collect();
    Batch::of_clauses(&clauses, &vocabulary(), &Device::flex())
}

fn vocabulary() -> Vocabulary {
    let tokens = sentence::tokens().into_iter().map(String::from);
    Vocabulary::new(tokens).expect("a vocabulary")
}

fn encoder() -> TextEncoder {
    let config = TextEncoderConfig::new(vocabulary().size()).with_hidden(8);
    config.init_with_colours(&Device::flex())
}

#[test]
fn an_embedding_moves_with_its_colour() {
    let encoder = encoder();
    let of = |sentence| encoder.forward(&batch(&[sentence])).pooled;
    let apart = |a, b| -> f32 { (of(a) - of(b)).abs().max().into_scalar() };
    let red = "make the skirt #f00000";
    assert!(apart(red, "make the skirt blue") > 1e-3);
    let (near, far) = (
        apart(red, "make the skirt #f40000"),
        apart(red, "make the skirt #2000ff"),
    );
    assert!(near > 0.0 && near < 0.2 * far, "{near} {far}");
    // Two spellings of one colour are one word.
    assert_eq!(apart("make the skirt #0ff", "make the skirt #00ffff"), 0.0);

    // Without a map of colours all are the same word.
    let blind = TextEncoder {
        colour: None,
        ..encoder.clone()
    };
    let of = |sentence| blind.forward(&batch(&[sentence])).pooled;
    let apart: f32 = (of(red) - of("make the skirt blue"))
        .abs()
        .max()
        .into_scalar();
    assert_eq!(apart, 0.0);
}

#[test]
fn only_the_word_that_is_a_colour_has_one() {
    let batch = batch(&["make the skirt #1e90ff", "darker trousers"]);
    let colours: Vec<f32> = batch
        .colours
        .expect("colours")
        .into_data()
        .try_to_vec()
        .unwrap();
    let lab = srgb_to_lab([0x1e, 0x90, 0xff]).map(|x| x / 100.0);
    let coloured: Vec<_> = colours.chunks(3).filter(|x| **x != [0.0; 3]).collect();
    assert_eq!(coloured, [lab]);
}

#[test]
fn clauses_of_different_length_do_not_disturb_each_other() {
    let encoder = encoder();
    let sentences = ["red skirt", "please change the colour of the coat to navy"];
    let both = batch(&sentences);
    let lengths: Vec<f32> = both
        .mask
        .clone()
        .sum_dim(1)
        .into_data()
        .try_to_vec()
        .unwrap();
    assert!(lengths.len() == 2 && lengths[0] < lengths[1], "{lengths:?}");
    let both = encoder.forward(&both).pooled;
    for (i, sentence) in sentences.into_iter().enumerate() {
        let alone = encoder.forward(&batch(&[sentence])).pooled.into_data();
        let near = Tolerance::<f32>::absolute(1e-5);
        let ours = both.clone().narrow(0, i, 1).into_data();
        ours.assert_approx_eq(&alone, near);
    }
}
