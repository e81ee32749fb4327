// Signs in to HTTP services with Kerberos (RFC 4559). Its functions do their work beside the event loop:
//   acquireCredential(principal, keytab) -> Promise<{ credential, lifetimeSeconds }>
//   initContext(credential, service, bindings) -> context
//   stepContext(context, token) -> Promise<{ token, complete }>
// Tickets are kept in a MEMORY cache of each credential, so no environment variable and no file is involved. Tickets are got
// with libkrb5, which tells its own error codes; SPNEGO's minor codes are numbers that the GSS library makes up as it goes.

#include <node_api.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "acquire-credential.h"
#include "handles.h"
#include "step-context.h"

namespace {

constexpr size_t max_token = 64 * 1024;
constexpr size_t max_name = 1024;
constexpr size_t max_bindings = 256;

napi_value refuse(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

bool read_text(napi_env env, napi_value value, std::string* text) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  if (length == 0 || length > max_name) return false;
  std::vector<char> bytes(length + 1);
  if (napi_get_value_string_utf8(env, value, bytes.data(), bytes.size(), &length) != napi_ok) return false;
  text->assign(bytes.data(), length);
  return text->find('\0') == std::string::npos;
}

// Null stands for no bytes.
bool read_bytes(napi_env env, napi_value value, size_t most, std::string* bytes) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok) return false;
  bytes->clear();
  if (type == napi_null) return true;
  bool is_buffer = false;
  void* data = nullptr;
  size_t length = 0;
  if (napi_is_buffer(env, value, &is_buffer) != napi_ok || !is_buffer) return false;
  if (napi_get_buffer_info(env, value, &data, &length) != napi_ok || length == 0 || length > most) return false;
  bytes->assign(static_cast<const char*>(data), length);
  return true;
}

template <typename HandleType>
HandleType* read_external(napi_env env, napi_value value) {
  napi_valuetype type;
  void* data = nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return nullptr;
  if (napi_get_value_external(env, value, &data) != napi_ok || data == nullptr) return nullptr;
  auto* handle = static_cast<HandleType*>(data);
  return handle->kind == HandleType{}.kind ? handle : nullptr;
}

template <size_t Count>
bool read_arguments(napi_env env, napi_callback_info info, napi_value (&values)[Count]) {
  size_t count = Count;
  return napi_get_cb_info(env, info, &count, values, nullptr, nullptr) == napi_ok && count == Count;
}

napi_value acquire_credential(napi_env env, napi_callback_info info) {
  napi_value values[2];
  std::string principal, keytab;
  if (!read_arguments(env, info, values) || !read_text(env, values[0], &principal) || !read_text(env, values[1], &keytab)) {
    return refuse(env, "acquireCredential takes the names of a principal and of a keytab");
  }
  return (new AcquireCredential(std::move(principal), std::move(keytab)))->queue(env, "acquireCredential");
}

napi_value init_context(napi_env env, napi_callback_info info) {
  napi_value values[3];
  auto context = std::make_shared<Context>();
  if (!read_arguments(env, info, values)) return refuse(env, "initContext takes three arguments");
  auto* credential = read_external<CredentialHandle>(env, values[0]);
  if (credential == nullptr) return refuse(env, "initContext takes a credential");
  if (!read_text(env, values[1], &context->service)) return refuse(env, "initContext takes the name of a service");
  if (!read_bytes(env, values[2], max_bindings, &context->bindings)) return refuse(env, "initContext takes bindings or null");
  context->credential = credential->value;
  auto handle = std::make_unique<ContextHandle>();
  handle->value = std::move(context);
  return make_external(env, std::move(handle));
}

napi_value step_context(napi_env env, napi_callback_info info) {
  napi_value values[2];
  std::string token;
  if (!read_arguments(env, info, values)) return refuse(env, "stepContext takes two arguments");
  auto* handle = read_external<ContextHandle>(env, values[0]);
  if (handle == nullptr) return refuse(env, "stepContext takes a context");
  if (!read_bytes(env, values[1], max_token, &token)) return refuse(env, "stepContext takes a token of at most 64 KiB, or null");
  Context& context = *handle->value;
  if (context.busy) return refuse(env, "a step of this context is under way");
  if (context.failed || context.complete) return refuse(env, "this context has ended");
  if (token.empty() != (context.handle == GSS_C_NO_CONTEXT)) return refuse(env, "the first step has no token, each other one has");
  context.busy = true;
  // Until it succeeds.
  context.failed = true;
  return (new StepContext(handle->value, std::move(token)))->queue(env, "stepContext");
}

// Nothing thrown by C++ may reach JavaScript's engine.
template <napi_value (*Function)(napi_env, napi_callback_info)>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    return Function(env, info);
  } catch (...) {
    napi_throw_error(env, nullptr, "out of memory");
    return nullptr;
  }
}

template <napi_value (*Function)(napi_env, napi_callback_info)>
void export_function(napi_env env, napi_value exports, const char* name) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, guarded<Function>, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  export_function<acquire_credential>(env, exports, "acquireCredential");
  export_function<init_context>(env, exports, "initContext");
  export_function<step_context>(env, exports, "stepContext");
  return exports;
}
