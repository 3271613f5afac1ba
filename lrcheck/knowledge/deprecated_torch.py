"""The rows about torch: what its releases since 0.4 deprecated, removed or renamed.

Versions are torch releases. Whether a name exists, raises or warns was measured on torch 2.15.
"""

from __future__ import annotations

from typing import Any

from lrcheck.facts import DType
from lrcheck.findings import Safety
from lrcheck.knowledge.deprecated_kinds import Deprecation, Kind, Repair

_F = "torch.nn.functional."
_T = "torch.Tensor."


def _gone(name: str, since: str, removed_in: str, replacement: str = "", **more: Any) -> Deprecation:
    """A name whose use fails today."""
    return _row(name, since, replacement, removed_in=removed_in, **more)


def _old(name: str, since: str, replacement: str = "", **more: Any) -> Deprecation:
    """A name that warns today."""
    return _row(name, since, replacement, **({"warns": True} | more))


def _legacy(name: str, since: str, replacement: str = "", **more: Any) -> Deprecation:
    """A name that has a successor and neither fails nor warns today."""
    return _row(name, since, replacement, **more)


def _row(name: str, since: str, replacement: str, **more: Any) -> Deprecation:
    options: dict[str, Any] = {"kind": Kind.METHOD if name.startswith(_T) else Kind.FUNCTION, "rule": "LR619"} | more
    return Deprecation(name, since=since, replacement=replacement, **options)


_RENAME = Repair.RENAME_CALLEE
_METHOD = Repair.RENAME_METHOD
_TEMPLATE = Repair.TEMPLATE

TENSOR_TYPES: dict[str, str] = {
    "torch.FloatTensor": "torch.float32",
    "torch.DoubleTensor": "torch.float64",
    "torch.HalfTensor": "torch.float16",
    "torch.BFloat16Tensor": "torch.bfloat16",
    "torch.ByteTensor": "torch.uint8",
    "torch.CharTensor": "torch.int8",
    "torch.ShortTensor": "torch.int16",
    "torch.IntTensor": "torch.int32",
    "torch.LongTensor": "torch.int64",
    "torch.BoolTensor": "torch.bool",
    "torch.cuda.FloatTensor": "torch.float32",
    "torch.cuda.DoubleTensor": "torch.float64",
    "torch.cuda.HalfTensor": "torch.float16",
    "torch.cuda.BFloat16Tensor": "torch.bfloat16",
    "torch.cuda.ByteTensor": "torch.uint8",
    "torch.cuda.CharTensor": "torch.int8",
    "torch.cuda.ShortTensor": "torch.int16",
    "torch.cuda.IntTensor": "torch.int32",
    "torch.cuda.LongTensor": "torch.int64",
    "torch.cuda.BoolTensor": "torch.bool",
}
"""Constructors named after an element type."""

_ACTIVATIONS = (
    _legacy(_F + "sigmoid", "0.4.1", "torch.sigmoid", repair=_RENAME, rule="LR603", use="F.sigmoid(x)"),
    _legacy(_F + "tanh", "0.4.1", "torch.tanh", repair=_RENAME, rule="LR603", use="F.tanh(x)"),
)

_INIT = (
    *(
        _old(f"torch.nn.init.{name}", "0.4", f"torch.nn.init.{name}_", repair=_RENAME, rule="LR608", use=use)
        for name, use in (
            ("uniform", "nn.init.uniform(a)"),
            ("normal", "nn.init.normal(a)"),
            ("constant", "nn.init.constant(a, 1.0)"),
            ("eye", "nn.init.eye(a)"),
            ("dirac", "nn.init.dirac(torch.ones(2, 2, 2))"),
            ("xavier_uniform", "nn.init.xavier_uniform(a)"),
            ("xavier_normal", "nn.init.xavier_normal(a)"),
            ("kaiming_uniform", "nn.init.kaiming_uniform(a)"),
            ("kaiming_normal", "nn.init.kaiming_normal(a)"),
            ("orthogonal", "nn.init.orthogonal(a)"),
            ("sparse", "nn.init.sparse(a, 0.1)"),
        )
    ),
    _old("torch.nn.utils.clip_grad_norm", "0.4", "torch.nn.utils.clip_grad_norm_", repair=_RENAME, rule="LR608",
         use="nn.utils.clip_grad_norm(net.parameters(), 1.0)"),
)  # fmt: skip

_AMP = (
    _old("torch.cuda.amp.autocast", "2.4", 'torch.amp.autocast("cuda", {**})', repair=_TEMPLATE, rule="LR611",
         kind=Kind.CLASS, use="torch.cuda.amp.autocast()"),
    _old("torch.cuda.amp.GradScaler", "2.4", 'torch.amp.GradScaler("cuda", {*})', repair=_TEMPLATE, rule="LR611",
         kind=Kind.CLASS, use="torch.cuda.amp.GradScaler()"),
    _old("torch.cuda.amp.custom_fwd", "2.4", 'torch.amp.custom_fwd({*}, device_type="cuda")', repair=_TEMPLATE,
         rule="LR611", use="torch.cuda.amp.custom_fwd(lambda ctx: ctx)"),
    _old("torch.cuda.amp.custom_bwd", "2.4", 'torch.amp.custom_bwd({*}, device_type="cuda")', repair=_TEMPLATE,
         rule="LR611", use="torch.cuda.amp.custom_bwd(lambda ctx: ctx)"),
    _old("torch.cpu.amp.autocast", "2.4", 'torch.amp.autocast("cpu", {**})', repair=_TEMPLATE, rule="LR611",
         kind=Kind.CLASS, use="torch.cpu.amp.autocast()"),
    _old("torch.cpu.amp.GradScaler", "2.4", 'torch.amp.GradScaler("cpu", {*})', repair=_TEMPLATE, rule="LR611",
         kind=Kind.CLASS, use="torch.cpu.amp.GradScaler()"),
    _legacy("torch.is_autocast_cpu_enabled", "2.4", 'torch.is_autocast_enabled("cpu")', repair=_TEMPLATE, rule="LR611",
            warns=True, use="torch.is_autocast_cpu_enabled()"),
    _old("torch.get_autocast_gpu_dtype", "2.4", 'torch.get_autocast_dtype("cuda")', repair=_TEMPLATE, rule="LR611",
         use="torch.get_autocast_gpu_dtype()"),
    _old("torch.get_autocast_cpu_dtype", "2.4", 'torch.get_autocast_dtype("cpu")', repair=_TEMPLATE, rule="LR611",
         use="torch.get_autocast_cpu_dtype()"),
    _old("torch.set_autocast_gpu_dtype", "2.4", 'torch.set_autocast_dtype("cuda", {*})', repair=_TEMPLATE, rule="LR611",
         use="torch.set_autocast_gpu_dtype(torch.float16)"),
    _old("torch.set_autocast_cpu_dtype", "2.4", 'torch.set_autocast_dtype("cpu", {*})', repair=_TEMPLATE, rule="LR611",
         use="torch.set_autocast_cpu_dtype(torch.bfloat16)"),
    _old("torch.set_autocast_cpu_enabled", "2.4", 'torch.set_autocast_enabled("cpu", {*})', repair=_TEMPLATE,
         rule="LR611", use="torch.set_autocast_cpu_enabled(False)"),
)  # fmt: skip

_PRE_0_4 = (
    _legacy("torch.autograd.Variable", "0.4", why="it has no effect: run the evaluation under `with torch.no_grad():`",
            kind=Kind.KEYWORD, keyword="volatile", position=2, warns=True, rule="LR606",
            use="torch.autograd.Variable(x, volatile=True)"),
    _old(_T + "volatile", "0.4", kind=Kind.ATTRIBUTE, rule="LR606", why="it is always False: use `torch.no_grad()`",
         use="x.volatile"),
    _gone(_T + "creator", "0.2", "0.4", "torch.Tensor.grad_fn", kind=Kind.ATTRIBUTE, repair=_METHOD, rule="LR606",
          use="x.creator"),
    _gone(_T + "reinforce", "0.3", "0.3", "torch.distributions", rule="LR606", use="x.reinforce(1)",
          why="policy gradients use `torch.distributions` and `log_prob`"),
    _gone(_T + "backward", "0.2", "0.4", "retain_graph", kind=Kind.KEYWORD, keyword="retain_variables",
          repair=Repair.RENAME_KEYWORD, rule="LR606", use="net(x).sum().backward(retain_variables=True)"),
    _gone("torch.autograd.backward", "0.2", "0.4", "retain_graph", kind=Kind.KEYWORD, keyword="retain_variables",
          repair=Repair.RENAME_KEYWORD, rule="LR606", use="torch.autograd.backward(net(x).sum(), retain_variables=True)"),
    _gone("torch.autograd.variable", "0.4", "0.4.1", "torch.tensor", kind=Kind.CALL, repair=_RENAME, rule="LR606",
          use="torch.autograd.variable([1.0])"),
    _gone("torch.utils.data.TensorDataset", "0.4", "0.4", kind=Kind.KEYWORD, keyword="data_tensor", rule="LR606",
          why="it takes the tensors as positional arguments", use="D.TensorDataset(data_tensor=x)"),
    _gone("torch.utils.data.TensorDataset", "0.4", "0.4", kind=Kind.KEYWORD, keyword="target_tensor", rule="LR606",
          why="it takes the tensors as positional arguments", use="D.TensorDataset(target_tensor=x)"),
    _gone("torch.utils.data.DataLoaderIter.next", "0.4", "1.13", "next({self})", kind=Kind.METHOD, repair=_TEMPLATE,
          use="iter(loader).next()", why="iterators follow Python 3: `next(iterator)`"),
)  # fmt: skip

_LINALG = (
    _gone("torch.cholesky", "1.8", "2.14", "torch.linalg.cholesky", use="torch.cholesky(a)",
          why="`upper=True` became the keyword of `torch.linalg.cholesky`"),
    _gone("torch.qr", "1.8", "2.14", "torch.linalg.qr", use="torch.qr(a)", why="`some=False` became `mode='complete'`"),
    _gone("torch.symeig", "1.9", "2.0", "torch.linalg.eigh", use="torch.symeig(a)",
          why="`eigenvectors=False` became `torch.linalg.eigvalsh`; it reads the lower triangle, not the upper one"),
    _gone("torch.eig", "1.9", "2.0", "torch.linalg.eig", use="torch.eig(a)",
          why="the result is complex; without eigenvectors it is `torch.linalg.eigvals`"),
    _gone("torch.solve", "1.8", "1.13", "torch.linalg.solve", use="torch.solve(a, a)",
          why="`torch.solve(B, A).solution` is `torch.linalg.solve(A, B)`: the arguments changed places"),
    _gone("torch.lstsq", "1.9", "1.13", "torch.linalg.lstsq", use="torch.lstsq(a, a)",
          why="`torch.lstsq(B, A)` is `torch.linalg.lstsq(A, B).solution`: the arguments changed places"),
    _gone("torch.matrix_rank", "1.9", "1.13", "torch.linalg.matrix_rank", repair=_RENAME, safety=Safety.UNSAFE,
          use="torch.matrix_rank(a)", why="`symmetric=` became `hermitian=`"),
    _gone(_T + "cholesky", "1.8", "2.14", "torch.linalg.cholesky", use="a.cholesky()"),
    _gone(_T + "qr", "1.8", "2.14", "torch.linalg.qr", use="a.qr()"),
    _gone(_T + "symeig", "1.9", "2.0", "torch.linalg.eigh", use="a.symeig()"),
    _gone(_T + "eig", "1.9", "2.0", "torch.linalg.eig", use="a.eig()"),
    _gone(_T + "solve", "1.8", "1.13", "torch.linalg.solve", use="a.solve(a)"),
    _gone(_T + "lstsq", "1.9", "1.13", "torch.linalg.lstsq", use="a.lstsq(a)"),
    _gone(_T + "matrix_rank", "1.9", "1.13", "torch.linalg.matrix_rank", use="a.matrix_rank()"),
    _gone("torch.btrifact", "1.0", "1.2", "torch.linalg.lu_factor"),
    _gone("torch.btrifact_with_info", "1.0", "1.2", "torch.linalg.lu_factor_ex"),
    _gone("torch.btrisolve", "1.0", "1.2", "torch.linalg.lu_solve"),
    _gone("torch.btriunpack", "1.0", "1.2", "torch.lu_unpack"),
    _gone("torch.gesv", "1.0", "1.2", "torch.linalg.solve", why="`torch.gesv(B, A)` is `torch.linalg.solve(A, B)`"),
    _gone("torch.potrf", "1.0", "1.2", "torch.linalg.cholesky"),
    _gone("torch.potri", "1.0", "1.2", "torch.cholesky_inverse"),
    _gone("torch.potrs", "1.0", "1.2", "torch.cholesky_solve"),
    _gone("torch.pstrf", "1.0", "1.2", "torch.linalg.cholesky"),
    _gone("torch.trtrs", "1.1", "1.2", "torch.linalg.solve_triangular"),
    _gone("torch.gels", "1.1", "1.2", "torch.linalg.lstsq", why="`torch.gels(B, A)` is `torch.linalg.lstsq(A, B)`"),
    _gone(_T + "btrifact", "1.0", "1.2", "torch.linalg.lu_factor", use="a.btrifact()"),
    _gone(_T + "gesv", "1.0", "1.2", "torch.linalg.solve", use="a.gesv(a)"),
    _gone(_T + "potrf", "1.0", "1.2", "torch.linalg.cholesky", use="a.potrf()"),
    _gone(_T + "potrs", "1.0", "1.2", "torch.cholesky_solve", use="a.potrs(a)"),
    _gone(_T + "trtrs", "1.1", "1.2", "torch.linalg.solve_triangular", use="a.trtrs(a)"),
    _gone(_T + "gels", "1.1", "1.2", "torch.linalg.lstsq", use="a.gels(a)"),
    _old("torch.lu", "1.11", "torch.linalg.lu_factor", use="torch.lu(a)", why="`get_infos=True` is `lu_factor_ex`"),
    _old(_T + "lu", "1.11", "torch.linalg.lu_factor", use="a.lu()"),
    _old("torch.lu_solve", "1.11", "torch.linalg.lu_solve({1}, {2}, {0})", repair=_TEMPLATE,
         use="torch.lu_solve(a, *torch.linalg.lu_factor(a))", why="the right-hand side is the last argument"),
    _old("torch.triangular_solve", "1.11", "torch.linalg.solve_triangular", use="torch.triangular_solve(a, a)",
         why="`torch.linalg.solve_triangular(A, B, upper=True)`: the arguments changed places"),
    _old(_T + "triangular_solve", "1.11", "torch.linalg.solve_triangular", use="a.triangular_solve(a)"),
    _old("torch.chain_matmul", "1.9", "torch.linalg.multi_dot([{*}])", repair=_TEMPLATE, use="torch.chain_matmul(a, a)"),
    _legacy("torch.svd", "1.8", "torch.linalg.svd", use="torch.svd(a)",
            why="`torch.linalg.svd` returns V transposed, and `some=True` is `full_matrices=False`"),
    _legacy(_T + "svd", "1.8", "torch.linalg.svd", use="a.svd()"),
    _legacy("torch.norm", "1.7", "torch.linalg.vector_norm", use="torch.norm(a)",
            why="it flattens or treats the input as a matrix by its arguments; `matrix_norm` and `vector_norm` say which"),
    _legacy("torch.ger", "1.7", "torch.outer", repair=_RENAME, use="torch.ger(v, v)"),
    _legacy(_T + "ger", "1.7", "torch.Tensor.outer", repair=_METHOD, use="v.ger(v)"),
    _old("torch.cross", "1.11", "dim", kind=Kind.MISSING, keyword="dim", position=2, use="torch.cross(a, a)",
         why="without `dim` it takes the first dimension of size 3; `torch.linalg.cross` takes the last one"),
)  # fmt: skip

_SPECTRAL = (
    _gone("torch.rfft", "1.7", "1.8", "torch.fft.rfft", why="`torch.fft` returns complex tensors"),
    _gone("torch.irfft", "1.7", "1.8", "torch.fft.irfft", why="`torch.fft` takes complex tensors"),
    _gone("torch.ifft", "1.7", "1.8", "torch.fft.ifft", why="`torch.fft` takes complex tensors"),
    _gone(_T + "fft", "1.7", "1.8", "torch.fft.fft", use="a.fft(1)"),
    _gone(_T + "ifft", "1.7", "1.8", "torch.fft.ifft", use="a.ifft(1)"),
    _gone(_T + "rfft", "1.7", "1.8", "torch.fft.rfft", use="a.rfft(1)"),
    _gone(_T + "irfft", "1.7", "1.8", "torch.fft.irfft", use="a.irfft(1)"),
    _gone("torch.stft", "1.7", "1.8", "return_complex=True", kind=Kind.MISSING, keyword="return_complex", position=8,
          use="torch.stft(torch.randn(800), 200)", why="`torch.view_as_real` gives the old pairs of numbers"),
    _old("torch.stft", "2.0", "True", kind=Kind.VALUE, keyword="return_complex", value=False,
         use="torch.stft(torch.randn(800), 200, window=torch.ones(200), return_complex=False)",
         why="`torch.view_as_real(torch.stft(..., return_complex=True))` gives the same numbers"),
)  # fmt: skip

_CORE = (
    _old("torch.range", "0.4", "torch.arange", use="torch.range(0, 3)",
         why="`torch.range` includes its end, `torch.arange` does not"),
    _old("torch.meshgrid", "1.10", 'indexing="ij"', kind=Kind.MISSING, keyword="indexing", repair=Repair.ADD_ARGUMENT,
         use="torch.meshgrid(v, v)", why='`"ij"` is what it does today'),
    _old("torch.set_default_tensor_type", "2.1", "torch.set_default_dtype",
         use="torch.set_default_tensor_type('torch.FloatTensor')",
         why="`torch.set_default_dtype` and `torch.set_default_device` set its two halves"),
    _gone("torch.is_deterministic", "1.8", "1.10", "torch.are_deterministic_algorithms_enabled", repair=_RENAME),
    _gone("torch.set_deterministic", "1.8", "1.10", "torch.use_deterministic_algorithms", repair=_RENAME),
    _gone("torch.Assert", "1.8", "2.0", "torch._assert"),
    _old("torch.has_cuda", "2.1", "torch.backends.cuda.is_built()", repair=_TEMPLATE, kind=Kind.ATTRIBUTE,
         use="torch.has_cuda"),
    _old("torch.has_cudnn", "2.1", "torch.backends.cudnn.is_available()", repair=_TEMPLATE, kind=Kind.ATTRIBUTE,
         use="torch.has_cudnn"),
    _old("torch.has_mps", "2.1", "torch.backends.mps.is_built()", repair=_TEMPLATE, kind=Kind.ATTRIBUTE,
         use="torch.has_mps"),
    _old("torch.has_mkldnn", "2.1", "torch.backends.mkldnn.is_available()", repair=_TEMPLATE, kind=Kind.ATTRIBUTE,
         use="torch.has_mkldnn"),
    _old("torch.add", "1.5", "torch.add({0}, {2}, alpha={1})", kind=Kind.POSITIONAL, position=2, repair=_TEMPLATE,
         use="torch.add(x, 2, x)"),
    _old("torch.sub", "1.5", "torch.sub({0}, {2}, alpha={1})", kind=Kind.POSITIONAL, position=2, repair=_TEMPLATE,
         use="torch.sub(x, 2, x)"),
    _old("torch.addcmul", "1.5", "torch.addcmul({0}, {2}, {3}, value={1})", kind=Kind.POSITIONAL, position=3,
         repair=_TEMPLATE, use="torch.addcmul(x, 0.5, x, x)"),
    _old("torch.addcdiv", "1.5", "torch.addcdiv({0}, {2}, {3}, value={1})", kind=Kind.POSITIONAL, position=3,
         repair=_TEMPLATE, use="torch.addcdiv(x, 0.5, x, x)"),
    *(
        _old(_T + name, "1.5", "{self}." + name + "({1}, alpha={0})", kind=Kind.POSITIONAL, position=1,
             repair=_TEMPLATE, use=f"x.clone().{name}(2, x)")
        for name in ("add", "add_", "sub", "sub_")
    ),
    *(
        _old(_T + name, "1.5", "{self}." + name + "({1}, {2}, value={0})", kind=Kind.POSITIONAL, position=2,
             repair=_TEMPLATE, use=f"x.clone().{name}(0.5, x, x)")
        for name in ("addcmul", "addcmul_", "addcdiv", "addcdiv_")
    ),
    _old(_T + "resize", "0.4", "torch.Tensor.reshape", use="x.clone().resize(9)",
         why="`reshape` keeps the number of elements, `resize_` changes the tensor in place"),
    _old(_T + "resize_as", "0.4", "torch.Tensor.reshape_as", use="x.clone().resize_as(x)"),
    _old(_T + "storage", "2.0", "torch.Tensor.untyped_storage", use="x.storage()",
         why="an untyped storage counts bytes, not elements"),
    _legacy(_T + "new", "0.4", "torch.Tensor.new_tensor", use="x.new(3)",
            why="`new_empty`, `new_zeros`, `new_full` and `new_tensor` say what they make"),
    _old("torch.sparse.FloatTensor", "0.4.1", "torch.sparse_coo_tensor", kind=Kind.CLASS,
         use="torch.sparse.FloatTensor(2, 3)"),
    _gone(_T + "copy_", "0.4", "1.0", kind=Kind.KEYWORD, keyword="broadcast", repair=Repair.DROP_ARGUMENT,
          use="x.copy_(x, broadcast=True)"),
    _legacy("torch.trapz", "1.10", "torch.trapezoid", repair=_RENAME, use="torch.trapz(v)"),
    _legacy("torch.pinverse", "1.8", "torch.linalg.pinv", repair=_RENAME, use="torch.pinverse(a)"),
    _legacy("torch.orgqr", "1.8", "torch.linalg.householder_product", repair=_RENAME, use="torch.orgqr(a, a[0])"),
    _gone("torch.legacy", "0.4.1", "1.0", kind=Kind.MODULE),
    _gone("torch.utils.trainer", "0.4.1", "1.0", kind=Kind.MODULE, why="write the loop, or use a framework"),
    _gone("torch.utils.ffi", "0.4.1", "1.0", "torch.utils.cpp_extension", kind=Kind.MODULE),
    _gone("torch._six", "1.13", "2.0", kind=Kind.MODULE,
          why="it served Python 2: `string_classes` is `str`, `int_classes` is `int`, `inf` is `math.inf`"),
    _gone("torch._deploy", "1.11", "2.0", kind=Kind.MODULE),
    _gone("torch.export.export_for_training", "2.7", "2.10", "torch.export.export", repair=_RENAME),
    _gone("torch.export.dynamic_dim", "2.2", "2.5", "torch.export.Dim"),
    _old("torch.library.impl_abstract", "2.4", "torch.library.register_fake", repair=_RENAME),
    _old("torch.accelerator.current_device_idx", "2.8", "torch.accelerator.current_device_index", repair=_RENAME),
    _old("torch.accelerator.set_device_idx", "2.8", "torch.accelerator.set_device_index", repair=_RENAME),
    _old("torch.testing.assert_allclose", "1.12", "torch.testing.assert_close", repair=_RENAME, safety=Safety.UNSAFE,
         use="torch.testing.assert_allclose(x, x)", why="`assert_close` also compares dtype and device"),
    *(
        _gone(f"torch.testing.{name}", "1.11", "2.0", f"torch.{name}", repair=_RENAME)
        for name in ("rand", "randn")
    ),
    _gone("torch.testing.make_non_contiguous", "1.11", "2.0", "torch.testing.make_tensor"),
    _old("torch.utils._pytree._register_pytree_node", "2.2", "torch.utils._pytree.register_pytree_node", repair=_RENAME,
         use="pytree._register_pytree_node(type('Node', (), {}), lambda n: ([], None), lambda v, c: None)"),
    _old("torch.distributions.Distribution.sample_n", "0.4", "{self}.sample(({0},))", kind=Kind.METHOD, repair=_TEMPLATE,
         use="torch.distributions.Normal(0.0, 1.0).sample_n(2)"),
    _old("torch.hub._legacy_zip_load", "1.6", "torch.hub.load_state_dict_from_url"),
    _legacy("torch.utils.model_zoo.load_url", "1.1", "torch.hub.load_state_dict_from_url", repair=_RENAME),
)  # fmt: skip

_NN = (
    _old("torch.nn.NLLLoss2d", "0.4", "torch.nn.NLLLoss", repair=_RENAME, kind=Kind.CLASS, use="nn.NLLLoss2d()"),
    _gone("torch.nn.CrossEntropyLoss2d", "0.4", "0.4", "torch.nn.CrossEntropyLoss", repair=_RENAME, kind=Kind.CLASS),
    _old("torch.nn.Container", "0.2", "torch.nn.Module", kind=Kind.CLASS, use="nn.Container()",
         why="subclass `nn.Module`, or use `nn.Sequential` or `nn.ModuleDict`"),
    _legacy("torch.nn.UpsamplingNearest2d", "0.4", 'torch.nn.Upsample({*}, mode="nearest")', repair=_TEMPLATE,
            kind=Kind.CLASS, use="nn.UpsamplingNearest2d(2)"),
    _legacy("torch.nn.UpsamplingBilinear2d", "0.4", 'torch.nn.Upsample({*}, mode="bilinear", align_corners=True)',
            repair=_TEMPLATE, kind=Kind.CLASS, use="nn.UpsamplingBilinear2d(2)"),
    _old(_F + "upsample", "0.4.1", _F + "interpolate", repair=_RENAME, use="F.upsample(image, scale_factor=2)"),
    _old(_F + "upsample_nearest", "0.4.1", _F + 'interpolate({*}, mode="nearest")', repair=_TEMPLATE,
         use="F.upsample_nearest(image, scale_factor=2)"),
    _old(_F + "upsample_bilinear", "0.4.1", _F + 'interpolate({*}, mode="bilinear", align_corners=True)',
         repair=_TEMPLATE, use="F.upsample_bilinear(image, scale_factor=2)"),
    _old(_F + "grid_sample", "1.3", "align_corners=False", kind=Kind.MISSING, keyword="align_corners", position=4,
         repair=Repair.ADD_ARGUMENT, use="F.grid_sample(image, torch.zeros(1, 2, 2, 2))",
         why="the default changed from True to False in torch 1.3"),
    _old(_F + "affine_grid", "1.3", "align_corners=False", kind=Kind.MISSING, keyword="align_corners", position=2,
         repair=Repair.ADD_ARGUMENT, use="F.affine_grid(torch.zeros(1, 2, 3), (1, 1, 2, 2))",
         why="the default changed from True to False in torch 1.3"),
    _old(_F + "gumbel_softmax", "1.3", kind=Kind.KEYWORD, keyword="eps", position=3, repair=Repair.DROP_ARGUMENT,
         use="F.gumbel_softmax(x, eps=1e-9)", why="it has no effect"),
    _old("torch.nn.Hardtanh", "0.3", "min_val", kind=Kind.KEYWORD, keyword="min_value", repair=Repair.RENAME_KEYWORD,
         use="nn.Hardtanh(min_value=-1.0)"),
    _old("torch.nn.Hardtanh", "0.3", "max_val", kind=Kind.KEYWORD, keyword="max_value", repair=Repair.RENAME_KEYWORD,
         use="nn.Hardtanh(max_value=1.0)"),
    _old("torch.nn.utils.weight_norm", "2.1", "torch.nn.utils.parametrizations.weight_norm", repair=_RENAME,
         safety=Safety.UNSAFE, use="nn.utils.weight_norm(nn.Linear(2, 2))",
         why="`weight_g` and `weight_v` become `parametrizations.weight.original0` and `original1`"),
    _legacy("torch.nn.utils.spectral_norm", "1.9", "torch.nn.utils.parametrizations.spectral_norm", repair=_RENAME,
            safety=Safety.UNSAFE, use="nn.utils.spectral_norm(nn.Linear(2, 2))",
            why="the names in the state dict change"),
    _old("torch.nn.utils.stateless.functional_call", "2.0", "torch.func.functional_call", repair=_RENAME,
         use="torch.nn.utils.stateless.functional_call(net, {}, (x,))"),
    _old("torch.nn.parallel.DistributedDataParallelCPU", "1.4", "torch.nn.parallel.DistributedDataParallel",
         repair=_RENAME, kind=Kind.CLASS),
    _legacy("torch.nn.Module.register_backward_hook", "1.8", "torch.nn.Module.register_full_backward_hook",
            repair=_METHOD, kind=Kind.METHOD, safety=Safety.UNSAFE, use="net.register_backward_hook",
            why="its gradients are those of the last operation only"),
    _old("torch.nn.Module.state_dict", "1.11", kind=Kind.POSITIONAL, position=0, use="net.state_dict({}, '')",
         why="`destination=`, `prefix=` and `keep_vars=` are keywords"),
    *(
        _gone(_T + name, "1.2", "2.0", kind=Kind.VALUE, keyword="mask", value=DType.INT, position=0,
              why="masks are boolean: `mask.bool()`", use=f"x.clone().{name}(torch.ones(3, 3, dtype=torch.uint8){rest})")
        for name, rest in (("masked_fill", ", 0"), ("masked_fill_", ", 0"), ("masked_select", ""))
    ),
)  # fmt: skip

_SCHEDULERS = (
    "LambdaLR", "MultiplicativeLR", "StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR",
    "PolynomialLR", "CosineAnnealingLR", "ReduceLROnPlateau", "CyclicLR", "CosineAnnealingWarmRestarts", "OneCycleLR",
)  # fmt: skip
_FIRST = {
    "LambdaLR": "lambda e: 1.0", "MultiplicativeLR": "lambda e: 1.0", "StepLR": "1", "MultiStepLR": "[1]",
    "ExponentialLR": "0.9", "CosineAnnealingLR": "3", "CyclicLR": "0.1, 0.2", "CosineAnnealingWarmRestarts": "3",
    "OneCycleLR": "0.1, 10",
}  # fmt: skip
_S = "torch.optim.lr_scheduler."

_OPTIM = (
    *(
        _gone(_S + name, "2.2", "2.7", kind=Kind.KEYWORD, keyword="verbose", repair=Repair.DROP_ARGUMENT,
              why="print `scheduler.get_last_lr()` instead",
              use=f"sched.{name}(optimizer, {_FIRST[name] + ', ' if name in _FIRST else ''}verbose=True)")
        for name in _SCHEDULERS
    ),
    _old(_S + "LRScheduler.step", "1.4", kind=Kind.KEYWORD, keyword="epoch", position=0, repair=Repair.DROP_ARGUMENT,
         safety=Safety.UNSAFE, use="sched.StepLR(optimizer, 1).step(3)",
         why="`step()` counts by itself; with an argument the schedule jumps to that epoch"),
    _old(_S + "ReduceLROnPlateau.step", "1.4", kind=Kind.KEYWORD, keyword="epoch", position=1,
         repair=Repair.DROP_ARGUMENT, use="sched.ReduceLROnPlateau(optimizer).step(1.0, 3)"),
    _old(_S + "LRScheduler.get_lr", "1.4", _S + "LRScheduler.get_last_lr", kind=Kind.METHOD, repair=_METHOD,
         use="sched.StepLR(optimizer, 1).get_lr()", why="`get_lr` computes the next rate; it is not the current one"),
    _gone(_S + "LRScheduler.print_lr", "2.4", "2.7", _S + "LRScheduler.get_last_lr", kind=Kind.METHOD,
          use="sched.StepLR(optimizer, 1).print_lr()"),
    _legacy(_S + "_LRScheduler", "2.0", _S + "LRScheduler", kind=Kind.CLASS, repair=_RENAME, use="sched._LRScheduler"),
)  # fmt: skip

_AUTOGRAD = (
    _old("torch.autograd.backward", "0.4", "grad_tensors", kind=Kind.KEYWORD, keyword="grad_variables",
         repair=Repair.RENAME_KEYWORD, use="torch.autograd.backward(net(x).sum(), grad_variables=torch.tensor(1.0))"),
    *(
        _legacy("torch.autograd.grad", "0.2", kind=Kind.VALUE, keyword="only_inputs", value=value, position=5,
                repair=Repair.DROP_ARGUMENT, warns=not value, why="it is ignored",
                use=f"torch.autograd.grad(net(x).sum(), net.weight, only_inputs={value})")
        for value in (True, False)
    ),
    _gone("torch.autograd.function.traceable", "2.2", "2.4", why="it had no effect: remove it"),
    _gone("torch.autograd.profiler.profile", "1.11", "2.11", "use_device", kind=Kind.KEYWORD, keyword="use_cuda",
          use="torch.autograd.profiler.profile(use_cuda=False)", why='`use_cuda=True` is `use_device="cuda"`'),
    _gone("torch.profiler.profile", "1.8.1", "2.11", "activities", kind=Kind.KEYWORD, keyword="use_cuda",
          use="torch.profiler.profile(use_cuda=False)",
          why="`activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]` says what is recorded"),
    _old("torch.autograd.profiler.profile", "2.14", kind=Kind.KEYWORD, keyword="with_modules",
         repair=Repair.DROP_ARGUMENT, use="torch.autograd.profiler.profile(with_modules=True)",
         why="it only saw TorchScript modules: use `with_stack=True`"),
    _old("torch.autograd.profiler.load_nvprof", "2.14"),
    _old("torch.autograd.profiler.parse_nvprof_trace", "2.14"),
    _old("torch.autograd.profiler.EnforceUnique", "2.14", kind=Kind.CLASS),
    _legacy("torch.autograd.profiler_legacy.profile", "2.0", "torch.profiler.profile", kind=Kind.CLASS),
    _old("torch.autograd.gradcheck.get_analytical_jacobian", "1.9", "torch.autograd.gradcheck.gradcheck"),
    _old("torch.autograd.gradcheck.get_numerical_jacobian", "1.9", "torch.autograd.gradcheck.gradcheck"),
    _old("torch.utils.checkpoint.checkpoint", "2.1", "use_reentrant=False", kind=Kind.MISSING, keyword="use_reentrant",
         repair=Repair.ADD_ARGUMENT, safety=Safety.UNSAFE, use="checkpoint.checkpoint(net, x)",
         why="`use_reentrant=True` is what it does today, False is recommended and becomes the default"),
    _old("torch.utils.checkpoint.checkpoint_sequential", "2.1", "use_reentrant=False", kind=Kind.MISSING,
         keyword="use_reentrant", repair=Repair.ADD_ARGUMENT, safety=Safety.UNSAFE,
         use="checkpoint.checkpoint_sequential([net], 1, x)",
         why="`use_reentrant=True` is what it does today, False is recommended and becomes the default"),
)  # fmt: skip

_DATA = (
    _gone("torch.utils.data.BufferedShuffleDataset", "1.9", "1.10", kind=Kind.CLASS,
          why="shuffle in the dataset, or with `IterDataPipe.shuffle`"),
    _gone("torch.utils.data.Sampler", "2.1", "2.11", kind=Kind.KEYWORD, keyword="data_source", position=0,
          repair=Repair.DROP_ARGUMENT, use="D.Sampler(data_source=None)"),
    _old("torch.utils.data.ConcatDataset.cummulative_sizes", "0.4", "torch.utils.data.ConcatDataset.cumulative_sizes",
         kind=Kind.ATTRIBUTE, repair=_METHOD, use="D.ConcatDataset([loader.dataset]).cummulative_sizes"),
    _old("torch.utils.data.graph.traverse", "1.13", "torch.utils.data.graph.traverse_dps"),
    _legacy("torch.utils.data._utils.collate.default_collate", "1.11", "torch.utils.data.default_collate",
            repair=_RENAME, use="D._utils.collate.default_collate"),
    _legacy("torch.utils.data._utils.collate.default_convert", "1.11", "torch.utils.data.default_convert",
            repair=_RENAME, use="D._utils.collate.default_convert"),
    _gone("torch.utils.data.communication", "2.0", "2.3", kind=Kind.MODULE),
    _legacy("torch.utils.data.DataLoader", "2.8", kind=Kind.KEYWORD, keyword="pin_memory_device",
            repair=Repair.DROP_ARGUMENT, use="D.DataLoader(loader.dataset, pin_memory_device='')",
            why="the current accelerator is used"),
)  # fmt: skip

_CUDA = (
    _old("torch.cuda.memory_cached", "1.4", "torch.cuda.memory_reserved", repair=_RENAME, use="torch.cuda.memory_cached()"),
    _old("torch.cuda.max_memory_cached", "1.4", "torch.cuda.max_memory_reserved", repair=_RENAME,
         use="torch.cuda.max_memory_cached()"),
    _old("torch.cuda.reset_max_memory_allocated", "1.4", "torch.cuda.reset_peak_memory_stats", repair=_RENAME),
    _old("torch.cuda.reset_max_memory_cached", "1.4", "torch.cuda.reset_peak_memory_stats", repair=_RENAME),
    _old("torch.backends.cuda.sdp_kernel", "2.3", "torch.nn.attention.sdpa_kernel", use="torch.backends.cuda.sdp_kernel()",
         why="`sdpa_kernel` takes the list of allowed `SDPBackend`s"),
    _gone("torch.cuda.profiler.init", "2.0", "2.11", "torch.profiler.profile"),
)  # fmt: skip

_JIT = (
    *(
        _old(f"torch.jit.{name}", "2.10", "torch.compile", why="TorchScript is deprecated: `torch.compile` or `torch.export`",
             use=use)
        for name, use in (
            ("script", "torch.jit.script(net)"),
            ("trace", "torch.jit.trace(net, x)"),
            ("save", "torch.jit.save(torch.jit.script(net), buffer)"),
            ("load", ""),
            ("freeze", "torch.jit.freeze(torch.jit.script(net.eval()))"),
            ("optimize_for_inference", "torch.jit.optimize_for_inference(torch.jit.script(net.eval()))"),
            ("fork", "torch.jit.fork(len, [])"),
            ("interface", ""),
            ("script_method", ""),
            ("trace_module", ""),
        )
    ),
    _old("torch.jit.set_fusion_strategy", "2.10", "torch.compile", use="torch.jit.set_fusion_strategy([])"),
    _old("torch.jit.script", "1.4", kind=Kind.KEYWORD, keyword="optimize", position=1, repair=Repair.DROP_ARGUMENT,
         use="torch.jit.script(net, optimize=True)", why="it has no effect"),
)  # fmt: skip

_ONNX = (
    *(
        _gone(f"torch.onnx.{name}", "2.6", "2.9", "torch.onnx.export", why="`torch.onnx.export(..., dynamo=True)`")
        for name in ("dynamo_export", "ExportOptions", "enable_fake_mode", "OnnxRegistry", "DiagnosticOptions",
                     "ONNXRuntimeOptions", "is_onnxrt_backend_supported")
    ),
    _gone("torch.onnx._export", "1.13", "2.6", "torch.onnx.export", repair=_RENAME),
    _gone("torch.onnx.export_to_pretty_string", "1.12", "2.8", "torch.onnx.export"),
    _old("torch.onnx.select_model_mode_for_export", "2.7", why="set the mode of the model before the export"),
)  # fmt: skip

_DISTRIBUTED = (
    *(
        _gone(f"torch.distributed.{name}_multigpu", "1.13", "2.3", f"torch.distributed.{name}",
              why="one process drives one device")
        for name in ("all_reduce", "broadcast", "all_gather", "reduce", "reduce_scatter")
    ),
    _old("torch.distributed.reduce_op", "0.4", "torch.distributed.ReduceOp", kind=Kind.CLASS, repair=_RENAME,
         use="torch.distributed.reduce_op.SUM"),
    _old("torch.distributed.launch", "1.9", "torchrun", kind=Kind.MODULE, why="start the processes with `torchrun`"),
    _gone("torch.distributed.deprecated", "1.0", "1.2", "torch.distributed", kind=Kind.MODULE),
    _gone("torch.distributed.pipeline.sync", "2.2", "2.4", "torch.distributed.pipelining", kind=Kind.MODULE),
    _old("torch.distributed._sharded_tensor", "1.12", "torch.distributed._shard.sharded_tensor", kind=Kind.MODULE),
    _old("torch.distributed._all_gather_base", "1.13", "torch.distributed.all_gather_into_tensor", repair=_RENAME),
    _old("torch.distributed._reduce_scatter_base", "1.13", "torch.distributed.reduce_scatter_tensor", repair=_RENAME),
    _old("torch.distributed.all_reduce_coalesced", "1.13", "torch.distributed.all_reduce"),
    _old("torch.distributed.all_gather_coalesced", "1.13", "torch.distributed.all_gather"),
    _old("torch.distributed.checkpoint.load_state_dict", "2.2", "torch.distributed.checkpoint.load", repair=_RENAME,
         safety=Safety.UNSAFE),
    _old("torch.distributed.checkpoint.save_state_dict", "2.2", "torch.distributed.checkpoint.save", repair=_RENAME,
         safety=Safety.UNSAFE),
)  # fmt: skip

_QUANTIZATION = (
    *(
        _old(f"torch.{package}.{name}", "2.8", why="quantization moved to the package `torchao`")
        for package in ("ao.quantization", "quantization")
        for name in ("quantize", "quantize_dynamic", "quantize_qat", "prepare", "prepare_qat", "convert")
    ),
    _old("torch.ao.quantization.QConfigDynamic", "1.12", "torch.ao.quantization.QConfig", kind=Kind.CLASS),
    _old("torch.ao.quantization.get_default_qconfig_dict", "1.12", "torch.ao.quantization.get_default_qconfig_mapping"),
    _old("torch.ao.quantization.get_default_qat_qconfig_dict", "1.12",
         "torch.ao.quantization.get_default_qat_qconfig_mapping"),
    _gone("torch.ao.sparsity", "1.13", "2.0", "torch.ao.pruning", kind=Kind.MODULE),
)  # fmt: skip

_FUNCTORCH = tuple(
    _old(f"functorch.{name}", "2.0", f"torch.func.{name}", repair=_RENAME, use=use)
    for name, use in (
        ("vmap", "functorch.vmap(torch.sin)"),
        ("grad", "functorch.grad(torch.sin)"),
        ("grad_and_value", "functorch.grad_and_value(torch.sin)"),
        ("vjp", "functorch.vjp(torch.sin, x)"),
        ("jvp", "functorch.jvp(torch.sin, (x,), (x,))"),
        ("jacrev", "functorch.jacrev(torch.sin)"),
        ("jacfwd", "functorch.jacfwd(torch.sin)"),
        ("hessian", "functorch.hessian(torch.sin)"),
        ("functionalize", "functorch.functionalize(torch.sin)"),
    )
) + tuple(
    _old(f"functorch.{name}", "2.0", replacement)
    for name, replacement in (
        ("make_functional", "torch.func.functional_call"),
        ("make_functional_with_buffers", "torch.func.functional_call"),
        ("combine_state_for_ensemble", "torch.func.stack_module_state"),
    )
)

TORCH: tuple[Deprecation, ...] = (
    _ACTIVATIONS + _INIT + _AMP + _PRE_0_4 + _LINALG + _SPECTRAL + _CORE + _NN + _OPTIM + _AUTOGRAD + _DATA + _CUDA
    + _JIT + _ONNX + _DISTRIBUTED + _QUANTIZATION + _FUNCTORCH
)  # fmt: skip
