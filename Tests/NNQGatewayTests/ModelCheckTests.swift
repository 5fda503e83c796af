// SPDX-License-Identifier: Apache-2.0
import NNQGateway
import NNQTestSupport
import Testing

struct ModelCheckTests {
  private let folder = TemporaryFolder()
  private var check: ModelCheck {
    var configuration = Configuration()
    configuration.allowsUnsigned = true
    return ModelCheck(configuration)
  }

  @Test("a file that has gone since it was listed is neither a candidate nor refused")
  func gone() {
    #expect(check.finding(folder.path, "gone.bin", done: []) == nil)
  }

  @Test("an empty file is not complete, a folder is refused, a model is a candidate once")
  func present() throws {
    folder.put("", in: "empty.bin")
    guard case .refused(_, .incomplete)? = check.finding(folder.path, "empty.bin", done: []) else {
      Issue.record("an empty file was not incomplete")
      return
    }
    guard case .refused(_, .unreadable)? = check.finding(folder.path, ".", done: []) else {
      Issue.record("a folder was not unreadable")
      return
    }
    folder.put(try motorModelBytes(), in: "motor.bin")
    guard case .candidate(let candidate)? = check.finding(folder.path, "motor.bin", done: []) else {
      Issue.record("the model was no candidate")
      return
    }
    #expect(check.finding(folder.path, "motor.bin", done: [candidate.model.identity]) == nil)
  }

  @Test("a state that cannot be looked at is an error, one that is not there is none")
  func unseenState() throws {
    #expect(try ModelStore(folder.path).load() == nil)
    let file = folder.put("", in: "file")
    #expect(throws: GatewayError.self) { try ModelStore(file).load() }
  }
}
