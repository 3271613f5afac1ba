"""The rows about torchvision: what its releases since 0.3 deprecated, removed or renamed.

Versions are torchvision releases. Whether a name exists, raises or warns was measured on torchvision 0.29.
"""

from __future__ import annotations

from typing import Any

from lrcheck.findings import Safety
from lrcheck.knowledge.deprecated_kinds import Deprecation, Kind, Repair

_M = "torchvision.models."
_T = "torchvision.transforms."
_TF = "torchvision.transforms.functional."
_V2 = "torchvision.transforms.v2."


def _gone(name: str, since: str, removed_in: str, replacement: str = "", **more: Any) -> Deprecation:
    """A name whose use fails today."""
    return _row(name, since, replacement, removed_in=removed_in, **more)


def _old(name: str, since: str, replacement: str = "", **more: Any) -> Deprecation:
    """A name that warns today."""
    return _row(name, since, replacement, **({"warns": True} | more))


def _row(name: str, since: str, replacement: str, **more: Any) -> Deprecation:
    options: dict[str, Any] = {"kind": Kind.FUNCTION, "rule": "LR610"} | more
    return Deprecation(name, since=since, replacement=replacement, **options)


_RENAME = Repair.RENAME_CALLEE

_CLASSIFIERS = (  # noqa: SIM905  # names read best as text
    "alexnet convnext_base convnext_large convnext_small convnext_tiny densenet121 densenet161 densenet169 densenet201 "
    "efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 "
    "efficientnet_b7 efficientnet_v2_l efficientnet_v2_m efficientnet_v2_s googlenet inception_v3 maxvit_t mnasnet0_5 "
    "mnasnet0_75 mnasnet1_0 mnasnet1_3 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small regnet_x_16gf regnet_x_1_6gf "
    "regnet_x_32gf regnet_x_3_2gf regnet_x_400mf regnet_x_800mf regnet_x_8gf regnet_y_16gf regnet_y_1_6gf regnet_y_32gf "
    "regnet_y_3_2gf regnet_y_400mf regnet_y_800mf regnet_y_8gf resnet101 resnet152 resnet18 resnet34 resnet50 "
    "resnext101_32x8d resnext101_64x4d resnext50_32x4d shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 "
    "shufflenet_v2_x2_0 squeezenet1_0 squeezenet1_1 swin_b swin_s swin_t swin_v2_b swin_v2_s swin_v2_t vgg11 vgg11_bn "
    "vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn vit_b_16 vit_b_32 vit_l_16 vit_l_32 wide_resnet101_2 wide_resnet50_2"
).split()
_QUANTIZABLE = (  # noqa: SIM905  # names read best as text
    "googlenet inception_v3 mobilenet_v2 mobilenet_v3_large resnet18 resnet50 resnext101_32x8d resnext101_64x4d "
    "shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0"
).split()
_DETECTORS = (  # noqa: SIM905  # names read best as text
    "fasterrcnn_mobilenet_v3_large_320_fpn fasterrcnn_mobilenet_v3_large_fpn fasterrcnn_resnet50_fpn "
    "fasterrcnn_resnet50_fpn_v2 fcos_resnet50_fpn maskrcnn_resnet50_fpn maskrcnn_resnet50_fpn_v2 retinanet_resnet50_fpn "
    "retinanet_resnet50_fpn_v2 ssdlite320_mobilenet_v3_large"
).split()
_SEGMENTERS = (  # noqa: SIM905  # names read best as text
    "deeplabv3_mobilenet_v3_large deeplabv3_resnet101 deeplabv3_resnet50 fcn_resnet101 fcn_resnet50 "
    "lraspp_mobilenet_v3_large"
).split()
_VIDEO = "mc3_18 mvit_v1_b mvit_v2_s r2plus1d_18 r3d_18 s3d swin3d_b swin3d_s swin3d_t".split()  # noqa: SIM905  # likewise

BUILDERS: dict[str, dict[str, tuple[str, str | None]]] = {
    **{_M + name: {"pretrained": ("weights", "IMAGENET1K_V1")} for name in _CLASSIFIERS},
    **{_M + name: {"pretrained": ("weights", None)} for name in ("regnet_y_128gf", "vit_h_14")},
    **{_M + "quantization." + name: {"pretrained": ("weights", None)} for name in _QUANTIZABLE},
    **{
        _M + "detection." + name: {
            "pretrained": ("weights", "COCO_V1"),
            "pretrained_backbone": ("weights_backbone", "IMAGENET1K_V1"),
        }
        for name in _DETECTORS
    },
    _M + "detection.keypointrcnn_resnet50_fpn": {
        "pretrained": ("weights", None),
        "pretrained_backbone": ("weights_backbone", "IMAGENET1K_V1"),
    },
    _M + "detection.ssd300_vgg16": {
        "pretrained": ("weights", "COCO_V1"),
        "pretrained_backbone": ("weights_backbone", "IMAGENET1K_FEATURES"),
    },
    **{
        _M + "segmentation." + name: {
            "pretrained": ("weights", "COCO_WITH_VOC_LABELS_V1"),
            "pretrained_backbone": ("weights_backbone", "IMAGENET1K_V1"),
        }
        for name in _SEGMENTERS
    },
    **{_M + "video." + name: {"pretrained": ("weights", "KINETICS400_V1")} for name in _VIDEO},
    _M + "optical_flow.raft_large": {"pretrained": ("weights", "C_T_SKHT_V2")},
    _M + "optical_flow.raft_small": {"pretrained": ("weights", "C_T_V2")},
}  # fmt: skip
"""Model builders: what `pretrained=True` means, as the new keyword and the name of the weights.

The name is None where there are no such weights, or where they depend on other arguments.
"""

_TRANSFORMS = (
    _gone(_T + "Scale", "0.2", "0.12", _T + "Resize", repair=_RENAME, kind=Kind.CLASS),
    _gone(_T + "RandomSizedCrop", "0.2", "0.12", _T + "RandomResizedCrop", repair=_RENAME, kind=Kind.CLASS),
    _gone(_TF + "scale", "0.2", "0.2", _TF + "resize", repair=_RENAME),
    *(
        _gone(name, "0.9", "0.14", replacement, kind=Kind.KEYWORD, keyword=keyword, repair=Repair.RENAME_KEYWORD,
              use=use + f"{keyword}=0)")
        for keyword, replacement, uses in (
            ("resample", "interpolation", (
                (_T + "RandomRotation", "T.RandomRotation(4, "),
                (_T + "RandomAffine", "T.RandomAffine(4, "),
                (_TF + "rotate", "TF.rotate(picture, 4, "),
                (_TF + "affine", "TF.affine(picture, 0, (0, 0), 1, 0, "),
            )),
            ("fillcolor", "fill", (
                (_T + "RandomAffine", "T.RandomAffine(4, "),
                (_TF + "affine", "TF.affine(picture, 0, (0, 0), 1, 0, "),
            )),
        )
        for name, use in uses
    ),
    _gone(_TF + "_is_tensor_image", "0.8", "0.15"),
    _gone(_TF + "_get_image_size", "0.10", "0.13", _TF + "get_image_size", repair=_RENAME),
    _gone(_TF + "_get_image_num_channels", "0.10", "0.13", _TF + "get_image_num_channels", repair=_RENAME),
    _gone("torchvision.transforms.functional_tensor", "0.15", "0.17", _TF[:-1], kind=Kind.MODULE,
          why="it was private: use `torchvision.transforms.functional`"),
    _gone("torchvision.transforms.functional_pil", "0.15", "0.17", _TF[:-1], kind=Kind.MODULE,
          why="it was private: use `torchvision.transforms.functional`"),
    _old("torchvision.transforms._transforms_video", "0.12", kind=Kind.MODULE,
         why="the transforms of `torchvision.transforms` take video tensors"),
    _old("torchvision.transforms._functional_video", "0.12", _TF[:-1], kind=Kind.MODULE),
    _old(_V2 + "ToTensor", "0.16", "torchvision.transforms.v2.ToImage", kind=Kind.CLASS, use="V2.ToTensor()",
         why="`v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])` gives the same"),
    _old(_V2 + "functional.to_tensor", "0.16", "torchvision.transforms.v2.functional.to_image",
         use="V2.functional.to_tensor(picture)"),
    _old(_V2 + "functional.get_image_size", "0.16", "torchvision.transforms.v2.functional.get_size",
         use="V2.functional.get_image_size(picture)", why="`get_size` returns height and width, in this order"),
    _gone(_V2 + "ToImageTensor", "0.16", "0.16", _V2 + "ToImage", kind=Kind.CLASS, repair=_RENAME),
    _gone(_V2 + "ToImagePIL", "0.16", "0.16", _V2 + "ToPILImage", kind=Kind.CLASS, repair=_RENAME),
    _gone(_V2 + "ConvertDtype", "0.16", "0.16", _V2 + "ConvertImageDtype", kind=Kind.CLASS, repair=_RENAME),
    _gone(_V2 + "ClampBoundingBox", "0.16", "0.16", _V2 + "ClampBoundingBoxes", kind=Kind.CLASS, repair=_RENAME),
    _gone(_V2 + "SanitizeBoundingBox", "0.16", "0.16", _V2 + "SanitizeBoundingBoxes", kind=Kind.CLASS, repair=_RENAME),
    _gone(_V2 + "functional.to_image_tensor", "0.16", "0.16", _V2 + "functional.to_image", repair=_RENAME),
    _gone(_V2 + "functional.to_image_pil", "0.16", "0.16", _V2 + "functional.to_pil_image", repair=_RENAME),
)  # fmt: skip

_MODELS = (
    *(
        _gone(f"{_M}{module}.model_urls", "0.13", "0.14", kind=Kind.ATTRIBUTE,
              why="the weights carry their address: `ResNet18_Weights.DEFAULT.url`")
        for module in ("alexnet", "densenet", "googlenet", "inception", "mobilenet", "resnet", "shufflenetv2",
                       "squeezenet", "vgg")
    ),
    _gone(_M + "utils", "0.10", "0.12", "torch.hub", kind=Kind.MODULE,
          why="`load_state_dict_from_url` lives in `torch.hub`"),
    _gone(_M + "mobilenetv2.ConvBNReLU", "0.9", "0.14", "torchvision.ops.Conv2dNormActivation", kind=Kind.CLASS),
    _gone(_M + "mobilenetv2.ConvBNActivation", "0.10", "0.14", "torchvision.ops.Conv2dNormActivation", kind=Kind.CLASS),
    _gone(_M + "mobilenetv3.ConvBNActivation", "0.10", "0.14", "torchvision.ops.Conv2dNormActivation", kind=Kind.CLASS),
    _gone(_M + "mobilenetv3.SqueezeExcitation", "0.10", "0.14", "torchvision.ops.SqueezeExcitation", kind=Kind.CLASS),
)  # fmt: skip

_OTHER = (
    _gone("torchvision.utils.make_grid", "0.9", "0.14", "value_range", kind=Kind.KEYWORD, keyword="range",
          repair=Repair.RENAME_KEYWORD, use="torchvision.utils.make_grid(image, range=(0, 1))"),
    _gone("torchvision.utils.save_image", "0.9", "0.14", "value_range", kind=Kind.KEYWORD, keyword="range",
          repair=Repair.RENAME_KEYWORD, use="torchvision.utils.save_image(image, buffer, format='png', range=(0, 1))"),
    *(
        _gone(f"torchvision.ops.misc.{name}", "0.4", "0.14", f"torch.nn.{name}", kind=Kind.CLASS, repair=_RENAME)
        for name in ("Conv2d", "ConvTranspose2d", "BatchNorm2d")
    ),
    _gone("torchvision.ops.misc.ConvBNActivation", "0.11", "0.14", "torchvision.ops.Conv2dNormActivation",
          kind=Kind.CLASS),
    _gone("torchvision.ops.misc.FrozenBatchNorm2d", "0.5", "0.14", "num_features", kind=Kind.KEYWORD, keyword="n",
          repair=Repair.RENAME_KEYWORD, use="torchvision.ops.misc.FrozenBatchNorm2d(n=3)"),
    *(
        _gone(f"torchvision.io.{name}", "0.22", "0.29", kind=Kind.CLASS if name[0] == "V" else Kind.FUNCTION,
              why="videos are decoded by the package `torchcodec`")
        for name in ("read_video", "read_video_timestamps", "write_video", "VideoReader")
    ),
    *(
        _old(f"torchvision.io.{name}", "0.29", why="images are decoded and encoded by the package `torchcodec`", use=use)
        for name, use in (
            ("encode_png", "torchvision.io.encode_png(pixels)"),
            ("encode_jpeg", "torchvision.io.encode_jpeg(pixels)"),
            ("decode_png", "torchvision.io.decode_png(torchvision.io.encode_png(pixels))"),
            ("decode_jpeg", "torchvision.io.decode_jpeg(torchvision.io.encode_jpeg(pixels))"),
            ("decode_image", "torchvision.io.decode_image(torchvision.io.encode_png(pixels))"),
            ("read_image", ""),
            ("write_png", ""),
            ("write_jpeg", ""),
        )
    ),
    _gone("torchvision.datapoints", "0.16", "0.16", "torchvision.tv_tensors", kind=Kind.MODULE),
    _gone("torchvision.prototype", "0.15", "0.16", kind=Kind.MODULE, why="releases do not ship the prototypes"),
    _gone("torchvision.datasets.utils.makedir_exist_ok", "0.6", "0.7",
          why="it served Python 2: `os.makedirs(path, exist_ok=True)`"),
    _gone("torchvision.datasets.utils.download_and_extract", "0.4", "0.5",
          "torchvision.datasets.utils.download_and_extract_archive"),
    _gone("torchvision.datasets.utils.gen_bar_updater", "0.15", "0.18"),
    _gone("torchvision.datasets.LSUN", "0.3", "0.4", "root", kind=Kind.KEYWORD, keyword="db_path",
          repair=Repair.RENAME_KEYWORD, use="torchvision.datasets.LSUN(db_path='none')"),
    _gone("torchvision.datasets.Kinetics400", "0.12", "0.29", "torchvision.datasets.Kinetics", kind=Kind.CLASS,
          why='`Kinetics(..., num_classes="400")`'),
    *(
        _old(f"torchvision.datasets.MNIST.{old}", "0.2.2", f"torchvision.datasets.MNIST.{new}", kind=Kind.ATTRIBUTE,
             repair=Repair.RENAME_METHOD, use=f"mnist.{old}", safety=Safety.SAFE)
        for old, new in (("train_data", "data"), ("train_labels", "targets"), ("test_data", "data"),
                         ("test_labels", "targets"))
    ),
    *(
        _gone(f"torchvision.datasets.CIFAR10.{old}", "0.2.2", "0.3", f"torchvision.datasets.CIFAR10.{new}",
              kind=Kind.ATTRIBUTE, repair=Repair.RENAME_METHOD)
        for old, new in (("train_data", "data"), ("train_labels", "targets"), ("test_data", "data"),
                         ("test_labels", "targets"))
    ),
)  # fmt: skip

VISION: tuple[Deprecation, ...] = _TRANSFORMS + _MODELS + _OTHER
