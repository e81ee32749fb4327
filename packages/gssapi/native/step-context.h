// Gets the ticket for a service, and makes and reads tokens.

#pragma once

#include <gssapi/gssapi_krb5.h>

#include <cstring>
#include <memory>
#include <string>

#include "handles.h"
#include "work.h"

namespace {

class StepContext final : public Work {
 public:
  StepContext(std::shared_ptr<Context> context, std::string token)
      : context_(std::move(context)), token_(std::move(token)) {}

 protected:
  std::unique_ptr<Failure> execute() override {
    if (context_->target == GSS_C_NO_NAME) {
      if (auto failure = get_service_ticket()) return failure;
    }
    gss_channel_bindings_struct bindings;
    std::memset(&bindings, 0, sizeof bindings);
    bindings.application_data = {context_->bindings.size(), context_->bindings.data()};
    gss_buffer_desc input = {token_.size(), token_.data()};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, flags = 0;
    const OM_uint32 major = gss_init_sec_context(
        &minor, context_->credential->handle, &context_->handle, context_->target, &spnego,
        GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG, 0, context_->bindings.empty() ? GSS_C_NO_CHANNEL_BINDINGS : &bindings,
        token_.empty() ? GSS_C_NO_BUFFER : &input, nullptr, &output, &flags, nullptr);
    OM_uint32 ignored;
    if (output.length > 0) output_.assign(static_cast<const char*>(output.value), output.length);
    gss_release_buffer(&ignored, &output);
    if (GSS_ERROR(major)) return failed(gss_failure(major, minor));
    complete_ = (major & GSS_S_CONTINUE_NEEDED) == 0;
    return nullptr;
  }

  void ended() override { context_->busy = false; }

  napi_value result(napi_env env) override {
    context_->failed = false;
    context_->complete = complete_;
    napi_value object, token, complete;
    napi_create_object(env, &object);
    if (output_.empty()) {
      napi_get_null(env, &token);
    } else {
      napi_create_buffer_copy(env, output_.size(), output_.data(), nullptr, &token);
    }
    napi_set_named_property(env, object, "token", token);
    napi_get_boolean(env, complete_, &complete);
    napi_set_named_property(env, object, "complete", complete);
    return object;
  }

 private:
  // Gets the ticket for the service into the cache, where the token's making finds it, and names the target.
  std::unique_ptr<Failure> get_service_ticket() {
    static const char stage[] = "service";
    Krb5 krb5;
    if (krb5.code() != 0) return failed(krb5.failure(stage, krb5.code()));
    OpenCache cache(krb5);
    Principal client(krb5), server(krb5);
    Text name(krb5);
    Ticket ticket(krb5);
    krb5_error_code code = krb5_cc_resolve(krb5, context_->credential->cache.c_str(), cache.out());
    if (code == 0) code = krb5_cc_get_principal(krb5, cache.get(), client.out());
    if (code == 0) code = name_server(krb5, client.get(), server.out());
    if (code == 0) {
      krb5_creds wanted;
      std::memset(&wanted, 0, sizeof wanted);
      wanted.client = client.get();
      wanted.server = server.get();
      code = krb5_get_credentials(krb5, 0, cache.get(), &wanted, ticket.out());
    }
    if (code == 0) code = krb5_unparse_name(krb5, server.get(), name.out());
    if (code != 0) return failed(krb5.failure(stage, code));
    gss_buffer_desc text = {std::strlen(name.get()), name.get()};
    OM_uint32 minor;
    const OM_uint32 major =
        gss_import_name(&minor, &text, const_cast<gss_OID>(GSS_KRB5_NT_PRINCIPAL_NAME), &context_->target);
    return GSS_ERROR(major) ? failed(gss_failure(major, minor)) : nullptr;
  }

  // `HTTP/host@REALM`. Without a realm: the one that krb5.conf maps the host to, else the client's, whose KDC refers further.
  krb5_error_code name_server(krb5_context krb5, krb5_principal client, krb5_principal* server) {
    if (context_->service.find('@') != std::string::npos) return krb5_parse_name(krb5, context_->service.c_str(), server);
    krb5_error_code code =
        krb5_parse_name_flags(krb5, context_->service.c_str(), KRB5_PRINCIPAL_PARSE_NO_REALM, server);
    if (code != 0) return code;
    const std::string host = context_->service.substr(context_->service.find('/') + 1);
    char** realms = nullptr;
    std::string realm(client->realm.data, client->realm.length);
    if (krb5_get_host_realm(krb5, host.c_str(), &realms) == 0) {
      if (realms[0] != nullptr && realms[0][0] != '\0') realm = realms[0];
      krb5_free_host_realm(krb5, realms);
    }
    return krb5_set_principal_realm(krb5, *server, realm.c_str());
  }

  std::shared_ptr<Context> context_;
  std::string token_;
  std::string output_;
  bool complete_ = false;
};

}  // namespace
