// SPDX-License-Identifier: Apache-2.0
#if MQTT
  import CMosquitto
  import Glibc
  import NNQFiles

  extension MQTTLink {
    /// A client with credentials and certificates as the settings have them.
    static func makeClient(_ configuration: Configuration) throws(GatewayError) -> OpaquePointer {
      mosquitto_lib_init()
      // A client with a name of its own keeps its subscription at the broker while it is away.
      let identity = configuration.mqttIdentity
      guard let client = unsafe mosquitto_new(identity, identity == nil, nil) else {
        throw GatewayError(call: "mosquitto_new", errno)
      }
      do throws(GatewayError) {
        _ = unsafe mosquitto_max_inflight_messages_set(
          client, UInt32(MQTTAnswers.inFlightLimit))
        if let user = configuration.mqttUser {
          let password = try password(configuration.mqttPasswordFile)
          _ = unsafe mosquitto_username_pw_set(client, user, password)
        }
        if let authorities = configuration.mqttAuthorities {
          let isFolder = namesOfFiles(in: authorities).isEmpty == false
          let code = unsafe mosquitto_tls_set(
            client, isFolder ? nil : authorities, isFolder ? authorities : nil,
            configuration.mqttCertificate, configuration.mqttKey, nil)
          guard code == MOSQ_ERR_SUCCESS.rawValue else {
            throw .badSetting("mqtt-ca", value: authorities, line: 0)
          }
        }
      } catch {
        unsafe mosquitto_destroy(client)
        throw error
      }
      return unsafe client
    }

    /// The first line of the password's file.
    static func password(_ path: String?) throws(GatewayError) -> String? {
      guard let path else { return nil }
      do throws(FileError) {
        let text = String(decoding: try readGivenFile(path, limit: 1 << 16), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
      } catch { throw .file(error) }
    }
  }
#endif
