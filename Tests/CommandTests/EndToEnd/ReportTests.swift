// SPDX-License-Identifier: Apache-2.0
import NNQFormat
import NNQTestSupport
import Testing

@testable import NNQCommands

@Suite struct ReportTests {
  @Test("eval writes a page that needs nothing else", arguments: ModelTask.Kind.allCases)
  func evaluation(kind: ModelTask.Kind) throws {
    let files = TrainedModel.of(kind).files()
    for model in [files.float, files.int8] {
      let path = files.folder("eval.html")
      expectSuccess(nnq("eval", model, files.test, "--report", path, "--resamples", "40"))
      let page = try #require(text(of: path))
      #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
      // No address but that in the library's own comment.
      #expect(!page.contains("src=") && !page.contains("href="))
      #expect(page.contains("<table>"))
      #expect(page.contains(kind == .regression ? "residuals" : ">ROC<"))
      #expect(
        page.contains("class=\"matrix\"") == [.binary, .multiclass, .anomaly].contains(kind))
    }
  }

  @Test("train writes the course of its epochs", arguments: ModelTask.Kind.allCases)
  func training(kind: ModelTask.Kind) throws {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(kind, rows: 120, seed: 11).csv, in: "t.csv")
    expectSuccess(
      nnq(
        "train", table, "-o", folder("m.bin"), "--epochs", "7", "--hidden", "6", "--report",
        folder("t.html")))
    let page = try #require(text(of: folder("t.html")))
    for title in ["Loss", "Learning rate"] { #expect(page.contains("<figcaption>\(title)<")) }
    // The rows of the loss's table: one heading and one for each epoch.
    let figures = try #require(
      page.split(separator: "<figcaption>Loss<").last?
        .split(separator: "</table>").first)
    #expect(figures.split(separator: "<tr>").count == 1 + 1 + 7)
    #expect(page.contains("The rows held back"))
    #expect(page.contains("Measured: the float model \(folder("m.bin"))."))
  }

  @Test("an anomaly model is measured on the rows held back and on those that it must not see")
  func anomaly() throws {
    var random = TestRandom(seed: 8)
    let table = SampleTable(
      header: ["a", "b", "label"],
      rows: (0..<200).map { row in
        let isWorn = row % 10 == 0
        let a = Float(random.normal()) + (isWorn ? 40 : 0)
        return ["\(a)", "\(a + Float(random.normal()) / 10)", isWorn ? "worn" : "normal"]
      })
    let folder = TemporaryFolder()
    let words = ["--task", "anomaly", "--epochs", "3", "--report", folder("t.html")]
    let path = folder.put(table.csv, in: "t.csv")
    expectSuccess(nnq(["train", path, "-o", folder("m.bin")] + words))
    let page = try #require(text(of: folder("t.html")))
    #expect(page.contains("With them are the 20 rows that are not normal"))
    // 15 % of 180 normal rows, and the others: all of these far beyond the threshold.
    #expect(page.contains("<td class=\"text\">recall</td><td>1</td>"))
    let normal = SampleTable(
      header: ["a", "b"], rows: table.rows.filter { $0[2] == "normal" }.map { Array($0[..<2]) })
    expectSuccess(
      nnq(["train", folder.put(normal.csv, in: "n.csv"), "-o", folder("n.bin")] + words))
    let plain = try #require(text(of: folder("t.html")))
    #expect(plain.contains("All of them count as normal"))
  }

  @Test("after quantize-aware training the report is of the integers")
  func integers() throws {
    let folder = TemporaryFolder()
    let table = folder.put(SampleTable(.multiclass, rows: 200, seed: 31).csv, in: "t.csv")
    expectSuccess(
      nnq(
        "train", table, "-o", folder("m.bin"), "--epochs", "3", "--hidden", "6",
        "--quantize-aware", "4", "--report", folder("t.html")))
    let page = try #require(text(of: folder("t.html")))
    #expect(page.contains("Measured: the int8 model that quantize makes of \(folder("m.bin"))"))
  }

  @Test("names from outside stay text in HTML and in scripts")
  func hostileNames() throws {
    let folder = TemporaryFolder()
    let sample = SampleTable(.binary, rows: 120, seed: 11)
    let bad = "</script><script>alert(1)</script><!--&'"
    let table = SampleTable(
      header: ["<img src=x onerror=alert(2)>"] + sample.header.dropFirst(),
      rows: sample.rows.map { $0.dropLast() + [$0.last == "hot" ? bad : "cool"] })
    folder.put(table.csv, in: "t.csv")
    expectSuccess(
      nnq(
        "train", folder("t.csv"), "-o", folder("m.bin"), "--epochs", "2", "--report",
        folder("t.html")))
    expectSuccess(
      nnq(
        "eval", folder("m.bin"), folder("t.csv"), "--report", folder("e.html"), "--slice", "rms_x"))
    for name in ["t.html", "e.html"] {
      let page = try #require(text(of: folder(name)))
      #expect(!page.contains(bad) && !page.contains("<script>alert") && !page.contains("<img"))
      #expect(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"))
    }
    #expect(
      inScript(.string("</script><!-- & \u{2028}"))
        == #""\u003c/script\u003e\u003c!-- \u0026 \u2028""#)
  }

  @Test("without the library the page names the package and shows its tables open")
  func noLibrary() {
    let folder = TemporaryFolder()
    var page = Page(title: "a page")
    let points = [(x: 0.0, y: 1.5), (x: 1.0, y: 2.5)]
    page.add([
      Chart(
        title: "Course", x: .init(title: "epoch"), y: .init(title: "loss"),
        series: [.init(name: "loss", points: points)])
    ])
    #expect(ChartLibrary(at: [folder("absent.js")]) == nil)
    let bare = page.html(nil)
    #expect(bare.contains(ChartLibrary.package) && !bare.contains("<script"))
    #expect(bare.contains("<details class=\"figures\" open>") && bare.contains("<td>2.5</td>"))

    // A library that would end its own element is none.
    folder.put("var a = '</SCRIPT>';", in: "odd.js")
    #expect(ChartLibrary(at: [folder("odd.js")]) == nil)
    folder.put("var Chart = 1;", in: "chart.js")
    let library = ChartLibrary(at: [folder("odd.js"), folder("chart.js")])
    let drawn = page.html(library)
    #expect(drawn.contains("<script>var Chart = 1;</script>"))
    #expect(!drawn.contains(ChartLibrary.package))
    #expect(drawn.contains(#""points": [[0.0, 1.5], [1.0, 2.5]]"#))
  }

  @Test("a report that cannot be written is refused before any work")
  func unwritable() {
    let files = TrainedModel.of(.binary).files()
    let path = files.folder("absent/report.html")
    let answer = nnq("eval", files.float, files.test, "--report", path)
    #expect(answer.code == ExitCode.inputOutput.rawValue)
    #expect(answer.output.isEmpty)
  }

  @Test("a long training keeps evenly spaced epochs")
  func longTraining() {
    var curves = TrainingCurves()
    for epoch in 1...9000 {
      curves.add(.init(epoch: epoch, trainLoss: 1, learningRate: 0.1))
    }
    let epochs = curves.points.map(\.epoch)
    #expect(epochs.count <= TrainingCurves.limit && epochs.count > TrainingCurves.limit / 2)
    #expect(Set(zip(epochs, epochs.dropFirst()).map { $1 - $0 }) == [8])
  }

  @Test("the curve of a ranking ends where all rows are taken and encloses its area")
  func curve() throws {
    var random = TestRandom(seed: 3)
    let truths = (0..<400).map { _ in random.normal() > 0 }
    let scores = truths.map { ($0 ? 1.0 : 0.0) + random.normal() }
    let ranking = try #require(Ranking(scores: scores, truths: truths))
    let points = ranking.curve(step: 0)
    let last = try #require(points.last)
    #expect(last.recall == 1 && last.falseAlarms == 1)
    var area = 0.0
    var before = (x: 0.0, y: 0.0)
    for point in points {
      area += (point.falseAlarms - before.x) * (point.recall + before.y) / 2
      before = (point.falseAlarms, point.recall)
    }
    // 400 sums of products of shares, each rounded.
    #expect(abs(area - (ranking.rocAUC ?? 0)) < 1e-12)
    #expect(ranking.curve().count <= points.count)
    #expect(ranking.curve().last == last)
  }
}
