// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// The one set of settings that every Swift target shares.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// - Parameter exclude: folders that hold no sources; tests read them from the source tree.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["NNQTestSupport"], exclude: exclude,
    swiftSettings: strict)
}

let package = Package(
  name: "nnq",
  products: [
    .executable(name: "nnq", targets: ["nnq"]),
    .executable(name: "nnqd", targets: ["nnqd"]),
    .library(name: "NNQFormat", targets: ["NNQFormat"]),
    .library(name: "NNQTrain", targets: ["NNQTrain"]),
    .library(name: "NNQQuantize", targets: ["NNQQuantize"]),
    .library(name: "NNQCertify", targets: ["NNQCertify"]),
    .library(name: "NNQInterop", targets: ["NNQInterop"]),
    .library(name: "NNQReference", targets: ["NNQReference"]),
    .library(name: "NNQRuntime", targets: ["NNQRuntime"]),
    .library(name: "NNQSigning", targets: ["NNQSigning"]),
    .library(name: "NNQState", targets: ["NNQState"]),
    .library(name: "CNNQRuntime", targets: ["CNNQRuntime"]),
  ],
  traits: [
    .trait(name: "Signing", description: "Ed25519 signatures of models; needs libsodium"),
    .trait(name: "MQTT", description: "nnqd takes messages from a broker; needs libmosquitto"),
    .trait(name: "Metrics", description: "nnqd serves metrics over HTTP; needs libmicrohttpd"),
  ],
  targets: [
    .systemLibrary(name: "CMosquitto", providers: [.apt(["libmosquitto-dev"])]),
    .systemLibrary(name: "CMicroHTTP", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(
      name: "CNNQRuntime", path: "firmware-runtime",
      exclude: ["Makefile", "README.md", "examples", "targets", "tests"],
      sources: ["src"], publicHeadersPath: "include"),

    .target(name: "CNNQLinalg", linkerSettings: [.linkedLibrary("pthread")]),
    .target(name: "CNNQVector"),
    .target(name: "CNNQLimit"),

    library("NNQFiles", ["CNNQVector", "CZstd"]),
    library("NNQMath"),
    library("NNQFormat", ["NNQFiles", "CNNQVector"]),
    library("NNQData", ["NNQFiles", "NNQMath"]),
    library("NNQLinalg", ["CNNQLinalg", "COpenBLAS"]),
    library("NNQTrain", ["NNQData", "NNQFiles", "NNQFormat", "NNQLinalg", "NNQMath"]),
    library("NNQReference", ["NNQFormat", "NNQMath", "CNNQVector"]),
    library("NNQRuntime", ["NNQFormat", "CNNQRuntime"]),
    library(
      "NNQSigning",
      ["NNQFiles", "NNQFormat", .target(name: "CSodium", condition: .when(traits: ["Signing"]))]),
    library("NNQWords", ["NNQFiles", "NNQFormat", "NNQSigning"]),
    library("NNQState", ["NNQFiles", "NNQFormat", "NNQMath"]),
    library("NNQQuantize", ["NNQFiles", "NNQFormat", "NNQMath", "NNQReference", "CNNQVector"]),
    library(
      "NNQQuantizeAware",
      [
        "NNQData", "NNQFormat", "NNQLinalg", "NNQMath", "NNQQuantize", "NNQReference", "NNQRuntime",
        "NNQTrain",
      ]),
    library(
      "NNQCertify",
      ["NNQData", "NNQFiles", "NNQFormat", "NNQMath", "NNQQuantize", "NNQReference", "NNQRuntime"]),
    library("NNQInterop", ["NNQFormat", "NNQMath", "NNQQuantize", "NNQReference"]),
    .target(name: "CGateway"),
    library(
      "NNQGateway",
      [
        "NNQData", "NNQFiles", "NNQFormat", "NNQReference", "NNQRuntime", "NNQSigning", "NNQState",
        "NNQWords", "CGateway",
        .target(name: "CMosquitto", condition: .when(traits: ["MQTT"])),
        .target(name: "CMicroHTTP", condition: .when(traits: ["Metrics"])),
      ]),
    library(
      "NNQCommands",
      [
        "NNQFiles", "NNQFormat", "NNQData", "NNQLinalg", "NNQTrain", "NNQReference", "NNQRuntime",
        "NNQQuantize", "NNQQuantizeAware", "NNQCertify", "NNQInterop", "NNQSigning", "NNQState",
        "NNQWords", "CNNQLimit", "CNNQVector",
      ]),
    .executableTarget(name: "nnq", dependencies: ["NNQCommands"], swiftSettings: strict),

    .executableTarget(name: "nnqd", dependencies: ["NNQGateway"], swiftSettings: strict),

    .target(
      name: "NNQTestSupport", dependencies: ["NNQFiles", "NNQFormat", "NNQData", "NNQReference"],
      path: "Tests/Support", swiftSettings: strict),
    tests("NNQFilesTests", ["NNQFiles"]),
    tests("NNQMathTests", ["NNQMath"]),
    tests(
      "NNQFormatTests", ["NNQFormat", "NNQFiles", "NNQReference", "NNQRuntime"],
      exclude: ["Golden"]),
    tests("NNQDataTests", ["NNQData", "NNQFiles", "NNQMath"]),
    tests(
      "NNQTrainTests",
      [
        "CNNQLinalg", "NNQTrain", "NNQData", "NNQFiles", "NNQFormat", "NNQLinalg", "NNQReference",
      ]),
    tests(
      "NNQQuantizeTests",
      ["CNNQVector", "NNQQuantize", "NNQFormat", "NNQReference", "NNQRuntime"]),
    tests(
      "NNQQuantizeAwareTests",
      [
        "NNQQuantizeAware", "NNQData", "NNQFormat", "NNQLinalg", "NNQQuantize", "NNQReference",
        "NNQRuntime", "NNQTrain",
      ]),
    tests(
      "NNQCertifyTests",
      ["NNQCertify", "NNQFormat", "NNQMath", "NNQQuantize", "NNQReference", "NNQRuntime"]),
    tests(
      "NNQInteropTests",
      [
        "NNQInterop", "NNQData", "NNQFiles", "NNQFormat", "NNQQuantize", "NNQReference",
        "NNQRuntime",
      ],
      exclude: ["Fixtures"]),
    tests(
      "NNQSigningTests", ["NNQSigning", "NNQFiles", "NNQFormat", "NNQQuantize", "CNNQRuntime"]),
    tests(
      "NNQGatewayTests",
      [
        "NNQGateway", "NNQFiles", "NNQFormat", "NNQQuantize", "NNQReference", "NNQSigning",
        "NNQState", "NNQWords",
      ]),
    tests("NNQStateTests", ["NNQState", "NNQFiles", "NNQFormat", "NNQQuantize", "NNQReference"]),
    tests("ParityTests", ["NNQFormat", "NNQReference", "NNQRuntime", "CNNQRuntime"]),
    tests(
      "CommandTests",
      [
        "NNQCommands", "NNQFormat", "NNQFiles", "NNQData", "NNQQuantize", "NNQReference",
        "NNQRuntime", "NNQCertify", "NNQInterop", "NNQSigning", "NNQTrain", "NNQWords",
      ],
      exclude: ["Hostile"]),
  ],
  cLanguageStandard: .c99
)
