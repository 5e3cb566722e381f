/* Events from a trained model, in-process: the C interface of showerforge.
 *
 * Generated from types.rs, describe.rs and generate.rs in bindings/c/src; the test `header` of that
 * crate says how to renew it.
 */

#ifndef SHOWERFORGE_H
#define SHOWERFORGE_H

#include <stddef.h>
#include <stdint.h>

// For `showerforge_model_open`: calls that generate refuse conditions outside of the range that
// the model was trained for, instead of extrapolating.
#define SHOWERFORGE_STRICT 1

// What became of a call.
typedef enum showerforge_code {
  // It did what was asked.
  SHOWERFORGE_OK = 0,
  // A pointer is NULL that must not be.
  SHOWERFORGE_NULL_POINTER = 1,
  // A size does not fit the model or another size, an index, a number of an event or a number
  // of threads is too large, a flag is unknown, or a pointer is misaligned.
  SHOWERFORGE_BAD_ARGUMENT = 2,
  // A condition that no model can be told: not finite, not the number of a category, or an
  // energy that is not positive.
  SHOWERFORGE_BAD_CONDITION = 3,
  // A condition outside of the range that the model was trained for.
  SHOWERFORGE_OUT_OF_RANGE = 4,
  // The model file does not exist or cannot be opened.
  SHOWERFORGE_NO_SUCH_FILE = 5,
  // Reading the model file failed on the way.
  SHOWERFORGE_IO = 6,
  // The file is not a model, is damaged, or is of a format that is no longer read.
  SHOWERFORGE_BAD_MODEL = 7,
  // A newer version of showerforge wrote the model.
  SHOWERFORGE_NEWER_MODEL = 8,
  // A bug in showerforge.
  SHOWERFORGE_INTERNAL = 9,
} showerforge_code;

// What a condition is.
typedef enum showerforge_condition_kind {
  // One column, from `minimum` to `maximum`.
  SHOWERFORGE_NUMBER = 0,
  // One column: the number of a category, from 0.
  SHOWERFORGE_CATEGORY = 1,
  // A column for each pixel.
  SHOWERFORGE_IMAGE = 2,
} showerforge_condition_kind;

// Why a call failed. It belongs to the caller, who frees it.
typedef struct showerforge_error showerforge_error;

// A trained model, ready to generate. It is never changed, so that any number of threads may use
// it at once.
typedef struct showerforge_model showerforge_model;

// A condition that events are generated for.
typedef struct showerforge_condition {
  // Valid until the model is closed, as `unit`.
  const char *name;
  // `MeV`, `rad`, …; `1` for pure numbers.
  const char *unit;
  enum showerforge_condition_kind kind;
  // Where it stands among the columns of all conditions.
  size_t first_column;
  size_t columns;
  // The range that the model was trained for; not a number unless it is a number.
  double minimum;
  double maximum;
  // Number of categories; 0 unless it is one.
  size_t categories;
} showerforge_condition;

// A layer of cells.
typedef struct showerforge_layer {
  // The experiment's number of it.
  size_t id;
  // Valid until the model is closed.
  const char *name;
  // Where its cells stand among the values of an event.
  size_t first_value;
  size_t values;
} showerforge_layer;

// The middle of a cell.
typedef struct showerforge_cell {
  // Counted from 0.
  size_t layer;
  // Across the axis of the shower; x = r cos(alpha), y = r sin(alpha) in rings.
  double x_mm;
  double y_mm;
} showerforge_cell;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The version of the library, such as `0.1.0`; valid for ever.
const char *showerforge_version(void);

// The message of an error, in UTF-8; valid until it is freed. NULL for NULL.
//
// # Safety
// `error` is NULL or was set by a function of this library and not yet freed.
const char *showerforge_error_message(const struct showerforge_error *error);

// The code of an error; `SHOWERFORGE_OK` for NULL.
//
// # Safety
// As `showerforge_error_message`.
enum showerforge_code showerforge_error_code(const struct showerforge_error *error);

// Frees an error; does nothing for NULL.
//
// # Safety
// As `showerforge_error_message`; it is not used afterwards.
void showerforge_error_free(struct showerforge_error *error);

// Opens a model file. `threads` is 1 for calls that compute on the thread that calls, as a
// program with threads of its own wants it; n for a pool of n threads that all calls share; 0 for
// a pool of as many threads as there are cores. `flags` is 0 or `SHOWERFORGE_STRICT`.
//
// On success `*model` is set, on failure it is NULL. `error` may be NULL; else `*error` is NULL
// after a success, and after a failure an error that the caller frees. What it was before is not
// looked at.
//
// # Safety
// `path` is NULL or ends with NUL; `model` and `error` are NULL or can be written to.
enum showerforge_code showerforge_model_open(const char *path,
                                             size_t threads,
                                             uint32_t flags,
                                             struct showerforge_model **model,
                                             struct showerforge_error **error);

// Closes a model; does nothing for NULL. Texts that it gave are no longer valid.
//
// # Safety
// `model` is NULL or was opened and not closed yet, and no thread uses it any more.
void showerforge_model_close(struct showerforge_model *model);

// Name of the detector, such as `calochallenge-photons`; valid until the model is closed. NULL
// for NULL.
//
// # Safety
// `model` is NULL or open.
const char *showerforge_model_detector(const struct showerforge_model *model);

// Unit of the values, such as `MeV`; valid until the model is closed. NULL for NULL.
//
// # Safety
// `model` is NULL or open.
const char *showerforge_model_unit(const struct showerforge_model *model);

// SHA-256 of the model file, in hexadecimal; valid until the model is closed. NULL for NULL.
//
// # Safety
// `model` is NULL or open.
const char *showerforge_model_sha256(const struct showerforge_model *model);

// All that is known of the model, as a JSON object: detector, unit, threshold, layers,
// conditions, noise, network, training; valid until the model is closed. NULL for NULL.
//
// # Safety
// `model` is NULL or open.
const char *showerforge_model_json(const struct showerforge_model *model);

// Values of one event; 0 for NULL.
//
// # Safety
// `model` is NULL or open.
size_t showerforge_model_value_count(const struct showerforge_model *model);

// Layers of cells; 0 for a table, and for NULL.
//
// # Safety
// `model` is NULL or open.
size_t showerforge_model_layer_count(const struct showerforge_model *model);

// Conditions of one event; 0 for NULL.
//
// # Safety
// `model` is NULL or open.
size_t showerforge_model_condition_count(const struct showerforge_model *model);

// Numbers in the conditions of one event: more than there are conditions where one is an image;
// 0 for NULL.
//
// # Safety
// `model` is NULL or open.
size_t showerforge_model_condition_width(const struct showerforge_model *model);

// Random numbers that one event takes; 0 for NULL. Their distribution stands in the JSON.
//
// # Safety
// `model` is NULL or open.
size_t showerforge_model_noise_count(const struct showerforge_model *model);

// Describes condition number `index`, from 0.
//
// # Safety
// `model` is NULL or open; `condition` and `error` are NULL or can be written to.
enum showerforge_code showerforge_model_condition(const struct showerforge_model *model,
                                                  size_t index,
                                                  struct showerforge_condition *condition,
                                                  struct showerforge_error **error);

// Name of a category; valid until the model is closed. NULL where there is none.
//
// # Safety
// `model` is NULL or open.
const char *showerforge_model_category(const struct showerforge_model *model,
                                       size_t condition,
                                       size_t category);

// Describes layer number `index`, from 0.
//
// # Safety
// `model` is NULL or open; `layer` and `error` are NULL or can be written to.
enum showerforge_code showerforge_model_layer(const struct showerforge_model *model,
                                              size_t index,
                                              struct showerforge_layer *layer,
                                              struct showerforge_error **error);

// Middles of all cells, in the order of the values. `count` is the number of values of an event;
// a table has no cells, and is refused.
//
// # Safety
// `model` is NULL or open; `cells` is NULL or has room for `count` cells; `error` is NULL or can be
// written to.
enum showerforge_code showerforge_model_cells(const struct showerforge_model *model,
                                              struct showerforge_cell *cells,
                                              size_t count,
                                              struct showerforge_error **error);

// Whether events can be generated for these conditions, and whether the model was trained for
// them (`SHOWERFORGE_OUT_OF_RANGE` if not). `conditions` holds those of event `first_event`, then
// those of the next, …, `condition_count` numbers in all.
//
// # Safety
// `model` is NULL or open; `conditions` is NULL or points to `condition_count` numbers; `error` is
// NULL or can be written to.
enum showerforge_code showerforge_check(const struct showerforge_model *model,
                                        uint64_t first_event,
                                        const double *conditions,
                                        size_t condition_count,
                                        struct showerforge_error **error);

// Generates event number `event`: its values depend on the model, `seed`, `event` and the
// conditions alone, and are those of `showerforge generate`.
//
// `conditions` holds `showerforge_model_condition_width` numbers, in the units of the conditions;
// `values` gets `showerforge_model_value_count` numbers, in the unit of the values.
//
// # Safety
// As `showerforge_generate`.
enum showerforge_code showerforge_generate_event(const struct showerforge_model *model,
                                                 uint64_t seed,
                                                 uint64_t event,
                                                 const double *conditions,
                                                 size_t condition_count,
                                                 float *values,
                                                 size_t value_count,
                                                 struct showerforge_error **error);

// Generates `events` events: `first_event`, `first_event` + 1, …
//
// `conditions` holds those of the first event, then those of the second, …, `condition_count`
// numbers in all; `values` gets the values of the first event, then those of the second, …,
// `value_count` numbers in all. After a failure some of them may have been written.
//
// # Safety
// `model` is NULL or open; `conditions` is NULL or points to `condition_count` numbers; `values`
// is NULL or points to room for `value_count` numbers, which nothing else reads or writes until
// the call returns; `error` is NULL or can be written to.
enum showerforge_code showerforge_generate(const struct showerforge_model *model,
                                           uint64_t seed,
                                           uint64_t first_event,
                                           size_t events,
                                           const double *conditions,
                                           size_t condition_count,
                                           float *values,
                                           size_t value_count,
                                           struct showerforge_error **error);

// Generates the events whose numbers are in `event_numbers`, `events` of them, in any order; else
// as `showerforge_generate`.
//
// # Safety
// As `showerforge_generate`; `event_numbers` is NULL or points to `events` numbers.
enum showerforge_code showerforge_generate_events(const struct showerforge_model *model,
                                                  uint64_t seed,
                                                  const uint64_t *event_numbers,
                                                  size_t events,
                                                  const double *conditions,
                                                  size_t condition_count,
                                                  float *values,
                                                  size_t value_count,
                                                  struct showerforge_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SHOWERFORGE_H */
