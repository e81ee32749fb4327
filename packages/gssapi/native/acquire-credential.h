// Gets the first ticket with the keys of a keytab.

#pragma once

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <string>

#include "handles.h"
#include "work.h"

namespace {

gss_OID_set_desc spnego_only = {1, &spnego};

// The names of the keys that a keytab holds for a principal, each once.
std::string keys_of(const Krb5& krb5, krb5_keytab keytab, krb5_principal principal) {
  std::string names;
  krb5_kt_cursor cursor;
  if (krb5_kt_start_seq_get(krb5, keytab, &cursor) != 0) return names;
  krb5_keytab_entry entry;
  while (krb5_kt_next_entry(krb5, keytab, &entry, &cursor) == 0) {
    char name[64];
    const bool is_own = krb5_principal_compare(krb5, entry.principal, principal);
    if (is_own && krb5_enctype_to_name(entry.key.enctype, FALSE, name, sizeof name) == 0) {
      if ((", " + names + ", ").find(std::string(", ") + name + ", ") == std::string::npos) {
        names += (names.empty() ? "" : ", ") + std::string(name);
      }
    }
    krb5_free_keytab_entry_contents(krb5, &entry);
  }
  krb5_kt_end_seq_get(krb5, keytab, &cursor);
  return names;
}

class AcquireCredential final : public Work {
 public:
  AcquireCredential(std::string principal, std::string keytab)
      : principal_(std::move(principal)), keytab_(std::move(keytab)), credential_(std::make_shared<Credential>()) {
    static std::atomic<uint64_t> last{0};
    credential_->cache = "MEMORY:calendar-" + std::to_string(++last);
  }

 protected:
  std::unique_ptr<Failure> execute() override {
    static const char stage[] = "ticket";
    Krb5 krb5;
    if (krb5.code() != 0) return failed(krb5.failure(stage, krb5.code()));
    Principal client(krb5);
    Keytab keytab(krb5);
    krb5_error_code code = krb5_parse_name(krb5, principal_.c_str(), client.out());
    if (code == 0) code = krb5_kt_resolve(krb5, ("FILE:" + keytab_).c_str(), keytab.out());
    // Otherwise a file that cannot be read would only be told as a failed sign-in.
    if (code == 0) code = check_readable(krb5, keytab.get());
    if (code == 0) code = get_ticket(krb5, client.get(), keytab.get());
    if (code != 0) {
      Failure failure = krb5.failure(stage, code);
      if (keytab.get() != nullptr) failure.keys = keys_of(krb5, keytab.get(), client.get());
      return failed(std::move(failure));
    }
    return make_handle();
  }

  napi_value result(napi_env env) override {
    napi_value object, lifetime;
    napi_create_object(env, &object);
    auto handle = std::make_unique<CredentialHandle>();
    handle->value = std::move(credential_);
    napi_set_named_property(env, object, "credential", make_external(env, std::move(handle)));
    napi_create_uint32(env, lifetime_, &lifetime);
    napi_set_named_property(env, object, "lifetimeSeconds", lifetime);
    return object;
  }

 private:
  static krb5_error_code check_readable(krb5_context krb5, krb5_keytab keytab) {
    krb5_kt_cursor cursor;
    const krb5_error_code code = krb5_kt_start_seq_get(krb5, keytab, &cursor);
    return code == 0 ? krb5_kt_end_seq_get(krb5, keytab, &cursor) : code;
  }

  // Gets the first ticket into the credential's cache: one that cannot be forwarded, since Exchange needs none.
  krb5_error_code get_ticket(krb5_context krb5, krb5_principal client, krb5_keytab keytab) {
    OpenCache cache(krb5);
    InitOptions options(krb5);
    krb5_error_code code = krb5_cc_resolve(krb5, credential_->cache.c_str(), cache.out());
    if (code == 0) code = krb5_cc_initialize(krb5, cache.get(), client);
    if (code == 0) code = krb5_get_init_creds_opt_alloc(krb5, options.out());
    if (code != 0) return code;
    krb5_get_init_creds_opt_set_forwardable(options.get(), 0);
    krb5_get_init_creds_opt_set_proxiable(options.get(), 0);
    code = krb5_get_init_creds_opt_set_out_ccache(krb5, options.get(), cache.get());
    if (code != 0) return code;
    krb5_creds ticket;
    std::memset(&ticket, 0, sizeof ticket);
    code = krb5_get_init_creds_keytab(krb5, &ticket, client, keytab, 0, nullptr, options.get());
    if (code != 0) return code;
    const auto begin = ticket.times.starttime != 0 ? ticket.times.starttime : ticket.times.authtime;
    // Times are unsigned until 2106, whatever their type says.
    lifetime_ = static_cast<uint32_t>(ticket.times.endtime) - static_cast<uint32_t>(begin);
    krb5_free_cred_contents(krb5, &ticket);
    return 0;
  }

  std::unique_ptr<Failure> make_handle() {
    gss_key_value_element_desc element = {"ccache", credential_->cache.c_str()};
    gss_key_value_set_desc store = {1, &element};
    OM_uint32 minor;
    OM_uint32 major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &spnego_only, GSS_C_INITIATE, &store,
                                            &credential_->handle, nullptr, nullptr);
    if (GSS_ERROR(major)) return failed(gss_failure(major, minor));
    // Nothing but Kerberos is proposed: no NTLM of another library.
    gss_OID_set_desc kerberos_only = {1, const_cast<gss_OID>(gss_mech_krb5)};
    major = gss_set_neg_mechs(&minor, credential_->handle, &kerberos_only);
    return GSS_ERROR(major) ? failed(gss_failure(major, minor)) : nullptr;
  }

  std::string principal_;
  std::string keytab_;
  std::shared_ptr<Credential> credential_;
  uint32_t lifetime_ = 0;
};

}  // namespace
