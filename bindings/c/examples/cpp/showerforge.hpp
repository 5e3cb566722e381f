// A thin C++ face of showerforge.h: what is opened is closed, and what fails throws.
#pragma once

#include <showerforge.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace showerforge {

class Error : public std::runtime_error {
public:
    Error(showerforge_code code, const std::string& message)
        : std::runtime_error(message), code_(code) {}
    showerforge_code code() const noexcept { return code_; }

private:
    showerforge_code code_;
};

// Makes a call, which gets the place for its error, and throws what became of it.
template <typename Call>
void call(Call&& function)
{
    showerforge_error* error = nullptr;
    const showerforge_code code = function(&error);
    if (code == SHOWERFORGE_OK) {
        return;
    }
    const std::unique_ptr<showerforge_error, decltype(&showerforge_error_free)> owned(
        error, &showerforge_error_free);
    throw Error(code, showerforge_error_message(owned.get()));
}

// A model; any number of threads may generate with one at once.
class Model {
public:
    // threads: 1 computes on the thread that calls.
    explicit Model(const std::string& path, std::size_t threads = 1, std::uint32_t flags = 0)
        : model_(nullptr, &showerforge_model_close)
    {
        showerforge_model* model = nullptr;
        call([&](auto** error) {
            return showerforge_model_open(path.c_str(), threads, flags, &model, error);
        });
        model_.reset(model);
    }

    const showerforge_model* get() const noexcept { return model_.get(); }
    std::string detector() const { return showerforge_model_detector(get()); }
    std::string unit() const { return showerforge_model_unit(get()); }
    std::string sha256() const { return showerforge_model_sha256(get()); }
    std::size_t values() const { return showerforge_model_value_count(get()); }

    std::vector<showerforge_layer> layers() const
    {
        std::vector<showerforge_layer> layers(showerforge_model_layer_count(get()));
        for (std::size_t i = 0; i < layers.size(); ++i) {
            call([&](auto** error) {
                return showerforge_model_layer(get(), i, &layers[i], error);
            });
        }
        return layers;
    }

    std::vector<showerforge_condition> conditions() const
    {
        std::vector<showerforge_condition> conditions(showerforge_model_condition_count(get()));
        for (std::size_t i = 0; i < conditions.size(); ++i) {
            call([&](auto** error) {
                return showerforge_model_condition(get(), i, &conditions[i], error);
            });
        }
        return conditions;
    }

    std::vector<showerforge_cell> cells() const
    {
        std::vector<showerforge_cell> cells(values());
        call([&](auto** error) {
            return showerforge_model_cells(get(), cells.data(), cells.size(), error);
        });
        return cells;
    }

    // One event into `values`, which is resized; nothing is allocated if it has the size already.
    void generate(std::uint64_t seed, std::uint64_t event, const std::vector<double>& conditions,
                  std::vector<float>& values) const
    {
        values.resize(this->values());
        call([&](auto** error) {
            return showerforge_generate_event(get(), seed, event, conditions.data(),
                                              conditions.size(), values.data(), values.size(),
                                              error);
        });
    }

    // Events first, first + 1, …; the conditions of one after those of the other.
    std::vector<float> generate(std::uint64_t seed, std::uint64_t first, std::size_t events,
                                const std::vector<double>& conditions) const
    {
        std::vector<float> made(events * values());
        call([&](auto** error) {
            return showerforge_generate(get(), seed, first, events, conditions.data(),
                                        conditions.size(), made.data(), made.size(), error);
        });
        return made;
    }

private:
    std::unique_ptr<showerforge_model, decltype(&showerforge_model_close)> model_;
};

} // namespace showerforge
