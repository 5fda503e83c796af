// SPDX-License-Identifier: Apache-2.0
import CGateway
import Glibc

/// The folder into which new models come.
extension Daemon {
  func watch(_ path: String) throws(GatewayError) {
    folder = ModelFolder(path)
    guard beginWatch() else { throw GatewayError(call: "inotify \(path)", errno) }
    // What lies there at the start was perhaps live or refused before.
    look(skipsDone: true)
  }

  func lookAtFolder() {
    guard let path = folder?.path else { return }
    let seen = unsafe gateway_take_folder_events(folderWatch, path)
    if seen & GATEWAY_FOLDER_GONE != 0 { loseWatch() }
    if seen & GATEWAY_FOLDER_CHANGED != 0 { look(skipsDone: false) }
  }

  /// Once a second: a folder that was removed, moved or replaced is watched again as soon as one is in
  /// its place.
  func keepWatch() {
    guard let path = folder?.path else { return }
    if folderWatch >= 0 {
      // That a folder above it was moved is no event.
      if FilePlace(path) == folderPlace { return }
      loseWatch()
    }
    guard beginWatch() else { return }
    Log.write(.notice, "\(path): watched again")
    look(skipsDone: true)
  }

  private func beginWatch() -> Bool {
    guard let path = folder?.path else { return false }
    let place = FilePlace(path)
    let watch = unsafe gateway_watch_folder(path)
    guard watch >= 0 else { return false }
    do throws(GatewayError) {
      try poller.add(watch, GATEWAY_READABLE, token: Token.folder)
    } catch {
      close(watch)
      return false
    }
    folderWatch = watch
    folderPlace = place
    return true
  }

  private func loseWatch() {
    guard let path = folder?.path else { return }
    folderLosses += 1
    Log.write(.warning, "\(path): no longer there, and watched again when it is")
    poller.remove(folderWatch, token: Token.folder)
    close(folderWatch)
    folderWatch = -1
  }

  func look(skipsDone: Bool) {
    guard let path = folder?.path, let names = folder?.changes() else { return }
    let check = ModelCheck(configuration)
    let done = Set(
      skipsDone ? rollout.done + [engine.model?.identity].compactMap { $0 } : [])
    for name in names {
      worker.post { check.finding(path, name, done: done) }
    }
  }
}
