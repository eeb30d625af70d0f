//! The tensors of a module by name: the path of its fields, `encoder.downs.0.conv.weight`.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use wordloom_kernels::tensor;

/// One tensor of a module.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T> {
    /// The path of its fields.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it holds.
    pub values: T,
}

/// Names and shapes of a module's tensors in the order of its fields; draws none of them.
pub fn shapes(prefix: &str, module: &impl Module) -> Vec<Named<()>> {
    visit(prefix, module, |_| ())
}

/// A module's tensors in the order of its fields.
pub fn values(prefix: &str, module: &impl Module) -> Vec<Named<TensorData>> {
    visit(prefix, module, |tensor| tensor.data())
}

/// Puts what `source(name, shape)` gives, row by row, into every tensor of a module, which never
/// draws its own.
///
/// # Errors
/// The source's first one; the module is gone then.
///
/// # Panics
/// When the source gives more or fewer values than the shape has.
pub fn load<M: Module, E>(
    prefix: &str,
    module: M,
    source: impl FnMut(&str, &[usize]) -> Result<Vec<f32>, E>,
) -> Result<M, E> {
    let mut loader = Loader {
        path: Path::new(prefix),
        source,
        error: None,
    };
    let module = module.map(&mut loader);
    match loader.error {
        None => Ok(module),
        Some(error) => Err(error),
    }
}

struct Path(Vec<String>);

impl Path {
    fn new(prefix: &str) -> Self {
        Self(vec![prefix.to_owned()])
    }

    fn name(&self) -> String {
        self.0.join(".")
    }
}

/// A tensor whose values are read only when asked for.
trait Lazy {
    fn data(&self) -> TensorData;
}

impl<const D: usize> Lazy for Param<Tensor<D>> {
    fn data(&self) -> TensorData {
        self.val().into_data()
    }
}

fn visit<T>(prefix: &str, module: &impl Module, read: fn(&dyn Lazy) -> T) -> Vec<Named<T>> {
    let mut reader = Reader {
        path: Path::new(prefix),
        read,
        found: Vec::new(),
    };
    module.visit(&mut reader);
    reader.found
}

struct Reader<T> {
    path: Path,
    read: fn(&dyn Lazy) -> T,
    found: Vec<Named<T>>,
}

impl<T> ModuleVisitor for Reader<T> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.0.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.0.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.push(Named {
            name: self.path.name(),
            shape: param.lazy_shape().to_vec(),
            values: (self.read)(param),
        });
    }
}

struct Loader<F, E> {
    path: Path,
    source: F,
    error: Option<E>,
}

impl<F: FnMut(&str, &[usize]) -> Result<Vec<f32>, E>, E> ModuleMapper for Loader<F, E> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.0.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.0.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.error.is_some() {
            return param;
        }
        let shape = param.lazy_shape();
        match (self.source)(&self.path.name(), &shape) {
            Ok(values) => {
                let tensor = tensor(values, shape.dims(), &param.lazy_device());
                let id = param.id;
                param.transform_for_load(tensor, id)
            }
            Err(error) => {
                self.error = Some(error);
                param
            }
        }
    }
}
