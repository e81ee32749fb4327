// Credentials and contexts, and what JavaScript holds of them.

#pragma once

#include <gssapi/gssapi.h>
#include <krb5.h>
#include <node_api.h>

#include <memory>
#include <string>

#include "failures.h"

namespace {

// Tickets of one principal. Contexts share it, so it is there until the last of them is gone.
struct Credential {
  std::string cache;
  gss_cred_id_t handle = GSS_C_NO_CREDENTIAL;

  ~Credential() {
    OM_uint32 minor;
    gss_release_cred(&minor, &handle);
    // Closing a MEMORY cache keeps it: only this frees its tickets.
    Krb5 krb5;
    krb5_ccache open;
    if (krb5.code() == 0 && krb5_cc_resolve(krb5, cache.c_str(), &open) == 0) krb5_cc_destroy(krb5, open);
  }
};

struct Context {
  std::shared_ptr<Credential> credential;
  std::string service;
  std::string bindings;
  gss_ctx_id_t handle = GSS_C_NO_CONTEXT;
  gss_name_t target = GSS_C_NO_NAME;
  bool complete = false;
  bool failed = false;
  // A step is under way: only it may touch the handle.
  bool busy = false;

  ~Context() {
    OM_uint32 minor;
    gss_delete_sec_context(&minor, &handle, GSS_C_NO_BUFFER);
    gss_release_name(&minor, &target);
  }
};

// What JavaScript holds of the two: an external whose first field says which it is.
enum class Kind : uint32_t { credential = 0x6b726263, context = 0x6b726278 };

template <typename Value, Kind Tag>
struct Handle {
  Kind kind = Tag;
  std::shared_ptr<Value> value;
};
using CredentialHandle = Handle<Credential, Kind::credential>;
using ContextHandle = Handle<Context, Kind::context>;

template <typename HandleType>
void release_handle(napi_env, void* data, void*) {
  delete static_cast<HandleType*>(data);
}

template <typename HandleType>
napi_value make_external(napi_env env, std::unique_ptr<HandleType> handle) {
  napi_value external;
  if (napi_create_external(env, handle.get(), release_handle<HandleType>, nullptr, &external) != napi_ok) return nullptr;
  handle.release();
  return external;
}

}  // namespace
