// Calls that run beside the event loop.

#pragma once

#include <node_api.h>

#include <memory>
#include <string>

#include "failures.h"

namespace {

// One call that runs on another thread and settles a promise.
class Work {
 public:
  virtual ~Work() = default;

  napi_value queue(napi_env env, const char* name) {
    napi_value promise = nullptr, label;
    if (napi_create_promise(env, &deferred_, &promise) != napi_ok) return nullptr;
    napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &label);
    if (napi_create_async_work(env, nullptr, label, run, settle, this, &work_) != napi_ok ||
        napi_queue_async_work(env, work_) != napi_ok) {
      failure_ = std::make_unique<Failure>();
      failure_->text = "the call could not be queued";
      settle(env, napi_generic_failure, this);
    }
    return promise;
  }

 protected:
  // Runs on another thread: touches nothing of JavaScript.
  virtual std::unique_ptr<Failure> execute() = 0;
  // Runs on JavaScript's thread, whether `execute` succeeded or not.
  virtual void ended() {}
  virtual napi_value result(napi_env env) = 0;

 private:
  static void run(napi_env, void* data) {
    auto* self = static_cast<Work*>(data);
    try {
      self->failure_ = self->execute();
    } catch (...) {
      self->out_of_memory_ = true;
    }
  }

  static void settle(napi_env env, napi_status status, void* data) {
    std::unique_ptr<Work> self(static_cast<Work*>(data));
    napi_handle_scope scope;
    napi_open_handle_scope(env, &scope);
    self->ended();
    if (status == napi_ok && !self->out_of_memory_ && self->failure_ == nullptr) {
      napi_resolve_deferred(env, self->deferred_, self->result(env));
    } else {
      napi_reject_deferred(env, self->deferred_, self->error(env));
    }
    if (self->work_ != nullptr) napi_delete_async_work(env, self->work_);
    napi_close_handle_scope(env, scope);
  }

  napi_value error(napi_env env) const {
    Failure unknown;
    unknown.text = out_of_memory_ ? "out of memory" : "the call was cancelled";
    const Failure& failure = failure_ == nullptr ? unknown : *failure_;
    napi_value message, error;
    napi_create_string_utf8(env, failure.text.data(), failure.text.size(), &message);
    napi_create_error(env, nullptr, message, &error);
    set_text(env, error, "stage", failure.stage);
    set_text(env, error, "symbol", failure.symbol);
    set_text(env, error, "keys", failure.keys);
    return error;
  }

  static void set_text(napi_env env, napi_value object, const char* key, const std::string& value) {
    napi_value text;
    napi_create_string_utf8(env, value.data(), value.size(), &text);
    napi_set_named_property(env, object, key, text);
  }

  napi_deferred deferred_ = nullptr;
  napi_async_work work_ = nullptr;
  std::unique_ptr<Failure> failure_;
  bool out_of_memory_ = false;
};

}  // namespace
