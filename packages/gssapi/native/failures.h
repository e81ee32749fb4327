// What the Kerberos library says when it fails, and its handles.

#pragma once

#include <errno.h>
#include <gssapi/gssapi.h>
#include <krb5.h>

#include <memory>
#include <string>
#include <utility>

namespace {

// 1.3.6.1.5.5.2
char spnego_bytes[] = "\x2b\x06\x01\x05\x05\x02";
gss_OID_desc spnego = {6, spnego_bytes};

struct Symbol {
  krb5_error_code code;
  const char* name;
};

const Symbol symbols[] = {
#define SYMBOL(name) {static_cast<krb5_error_code>(name), #name}
    SYMBOL(ENOENT),
    SYMBOL(EACCES),
    SYMBOL(KRB5KRB_AP_ERR_SKEW),
    SYMBOL(KRB5_KDCREP_SKEW),
    SYMBOL(KRB5KRB_AP_ERR_TKT_NYV),
    SYMBOL(KRB5KRB_AP_ERR_TKT_EXPIRED),
    SYMBOL(KRB5KRB_AP_ERR_MODIFIED),
    SYMBOL(KRB5KRB_AP_ERR_BADKEYVER),
    SYMBOL(KRB5KRB_AP_ERR_BAD_INTEGRITY),
    SYMBOL(KRB5KRB_AP_ERR_REPEAT),
    SYMBOL(KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN),
    SYMBOL(KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE),
    SYMBOL(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN),
    SYMBOL(KRB5KDC_ERR_ETYPE_NOSUPP),
    SYMBOL(KRB5_PROG_ETYPE_NOSUPP),
    SYMBOL(KRB5_CONFIG_ETYPE_NOSUPP),
    SYMBOL(KRB5KDC_ERR_PREAUTH_FAILED),
    SYMBOL(KRB5_PREAUTH_FAILED),
    SYMBOL(KRB5KDC_ERR_CLIENT_REVOKED),
    SYMBOL(KRB5KDC_ERR_KEY_EXP),
    SYMBOL(KRB5KDC_ERR_NAME_EXP),
    SYMBOL(KRB5KDC_ERR_POLICY),
    SYMBOL(KRB5KDC_ERR_SVC_UNAVAILABLE),
    SYMBOL(KRB5_KDC_UNREACH),
    SYMBOL(KRB5_REALM_UNKNOWN),
    SYMBOL(KRB5_REALM_CANT_RESOLVE),
    SYMBOL(KRB5_CONFIG_NODEFREALM),
    SYMBOL(KRB5_CONFIG_BADFORMAT),
    SYMBOL(KRB5_CONFIG_CANTOPEN),
    SYMBOL(KRB5_PARSE_MALFORMED),
    SYMBOL(KRB5_KT_NOTFOUND),
    SYMBOL(KRB5_KT_KVNONOTFOUND),
    SYMBOL(KRB5_KEYTAB_BADVNO),
    SYMBOL(KRB5_KT_FORMAT),
    SYMBOL(KRB5_KT_END),
#undef SYMBOL
};

struct Failure {
  // `ticket`: the first ticket; `service`: the ticket for the service; `context`: a token
  const char* stage = "context";
  std::string symbol;
  std::string text;
  // The keys that the keytab holds for the principal, as `aes256-cts, arcfour-hmac`.
  std::string keys;
};

// A library context of one call: these are not to be shared among threads.
class Krb5 {
 public:
  Krb5() : code_(krb5_init_context(&context_)) {
    if (code_ != 0) context_ = nullptr;
  }
  ~Krb5() {
    if (context_ != nullptr) krb5_free_context(context_);
  }
  Krb5(const Krb5&) = delete;
  Krb5& operator=(const Krb5&) = delete;
  operator krb5_context() const { return context_; }
  krb5_error_code code() const { return code_; }

  Failure failure(const char* stage, krb5_error_code code) const {
    Failure failure;
    failure.stage = stage;
    for (const Symbol& symbol : symbols)
      if (symbol.code == code) failure.symbol = symbol.name;
    const char* text = krb5_get_error_message(context_, code);
    failure.text = text;
    krb5_free_error_message(context_, text);
    return failure;
  }

  // The code that has this text; empty for none.
  std::string symbol_of(const std::string& wanted) const {
    std::string name;
    for (const Symbol& symbol : symbols) {
      const char* text = krb5_get_error_message(context_, symbol.code);
      if (wanted == text) name = symbol.name;
      krb5_free_error_message(context_, text);
    }
    return name;
  }

 private:
  krb5_context context_ = nullptr;
  krb5_error_code code_;
};

// A handle of libkrb5 that is given back with its context.
template <typename Handle, auto Release>
class Owned {
 public:
  explicit Owned(krb5_context context) : context_(context) {}
  ~Owned() {
    if (handle_ != nullptr) Release(context_, handle_);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  Handle* out() { return &handle_; }
  Handle get() const { return handle_; }
  Handle take() {
    Handle handle = handle_;
    handle_ = nullptr;
    return handle;
  }

 private:
  krb5_context context_;
  Handle handle_ = nullptr;
};

using Principal = Owned<krb5_principal, krb5_free_principal>;
using Keytab = Owned<krb5_keytab, krb5_kt_close>;
using OpenCache = Owned<krb5_ccache, krb5_cc_close>;
using Ticket = Owned<krb5_creds*, krb5_free_creds>;
using InitOptions = Owned<krb5_get_init_creds_opt*, krb5_get_init_creds_opt_free>;
using Text = Owned<char*, krb5_free_unparsed_name>;

std::string gss_text(OM_uint32 status, int type) {
  std::string text;
  OM_uint32 more = 0;
  do {
    OM_uint32 minor;
    gss_buffer_desc part = GSS_C_EMPTY_BUFFER;
    if (GSS_ERROR(gss_display_status(&minor, status, type, &spnego, &more, &part))) break;
    if (!text.empty()) text += "; ";
    text.append(static_cast<const char*>(part.value), part.length);
    gss_release_buffer(&minor, &part);
  } while (more != 0 && text.size() < 2000);
  return text;
}

Failure gss_failure(OM_uint32 major, OM_uint32 minor) {
  Failure failure;
  const std::string reason = minor == 0 ? "" : gss_text(minor, GSS_C_MECH_CODE);
  failure.text = reason.empty() ? gss_text(major, GSS_C_GSS_CODE) : reason;
  // The minor code of SPNEGO is no error code of Kerberos, but its text is the text of one.
  Krb5 krb5;
  if (krb5.code() == 0) failure.symbol = krb5.symbol_of(failure.text);
  if (!failure.symbol.empty()) return failure;
  switch (GSS_ROUTINE_ERROR(major)) {
    case GSS_S_CREDENTIALS_EXPIRED:
      failure.symbol = "KRB5KRB_AP_ERR_TKT_EXPIRED";
      break;
    case GSS_S_DEFECTIVE_TOKEN:
      failure.symbol = "GSS_S_DEFECTIVE_TOKEN";
      break;
    default:
      break;
  }
  return failure;
}

std::unique_ptr<Failure> failed(Failure failure) { return std::make_unique<Failure>(std::move(failure)); }

}  // namespace
