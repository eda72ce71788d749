#include "translation.h"

#include <cctype>
#include <cstring>
#include <set>

namespace emulator {

namespace {

struct Token {
    size_t begin, end;
};

bool word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Words, numbers, strings and single characters; line markers and white space are left out.
std::vector<Token> tokens_of(const std::string& text) {
    std::vector<Token> tokens;
    size_t i = 0;
    bool line_start = true;
    while (i < text.size()) {
        char c = text[i];
        size_t begin = i;
        if (c == '\n') {
            line_start = true;
            i++;
            continue;
        }
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            i++;
            continue;
        }
        if (c == '#' && line_start) {
            i = text.find('\n', i);
            i = i == std::string::npos ? text.size() : i;
            continue;
        }
        line_start = false;
        if (word_character(c)) {
            while (i < text.size() && word_character(text[i])) {
                i++;
            }
        } else if (c == '"' || c == '\'') {
            i++;
            while (i < text.size() && text[i] != c) {
                i += text[i] == '\\' ? 2 : 1;
            }
            i++;
        } else {
            i++;
        }
        tokens.push_back({begin, std::min(i, text.size())});
    }
    return tokens;
}

class Translation {
public:
    explicit Translation(const std::string& text) : text_(text), tokens_(tokens_of(text)) {}

    std::string run(const std::vector<std::string>& names) {
        for (size_t i = 0; i < tokens_.size(); i++) {
            at(i);
        }
        result_.append(text_, copied_, std::string::npos);
        list_kernels(names);
        return result_;
    }

private:
    bool is(size_t i, const char* word) const { return i < tokens_.size() && text_.compare(tokens_[i].begin, tokens_[i].end - tokens_[i].begin, word) == 0; }
    std::string word(size_t i) const { return text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin); }

    // Copies up to token i and writes `text` in its place.
    void replace(size_t i, const std::string& text) {
        result_.append(text_, copied_, tokens_[i].begin - copied_);
        result_ += text;
        copied_ = tokens_[i].end;
    }

    size_t close(size_t open) const {
        int depth = 0;
        for (size_t i = open; i < tokens_.size(); i++) {
            depth += is(i, "(") ? 1 : is(i, ")") ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return tokens_.size();
    }

    void at(size_t i) {
        if (i <= skipped_until_ && skipped_until_ > 0) {
            return;
        }
        if (is(i, "{")) {
            // extern "C" { ... } is still the outermost level.
            transparent_.push_back(i >= 2 && is(i - 2, "extern"));
            depth_ += transparent_.back() ? 0 : 1;
            statement_ = i + 1;
        } else if (is(i, "}")) {
            if (!transparent_.empty()) {
                depth_ -= transparent_.back() ? 0 : 1;
                transparent_.pop_back();
            }
            statement_ = i + 1;
        } else if (is(i, ";")) {
            statement_ = i + 1;
        } else if (is(i, "__launch_bounds__") || is(i, "__cluster_dims__")) {
            size_t end = close(i + 1);
            replace(i, "");
            copied_ = end < tokens_.size() ? tokens_[end].end : text_.size();
        } else if (is(i, "__global__")) {
            replace(i, "");
            note_kernel(i);
        } else if (is(i, "extern")) {
            dynamic_shared(i);
        } else if (is(i, "__shared__")) {
            shared(i);
        } else if (is(i, "__constant__")) {
            variable(i, true);
        } else if (is(i, "__device__")) {
            is_variable(i) ? variable(i, false) : replace(i, "");
        }
    }

    bool statement_has(size_t i, const char* token) const {
        for (size_t j = statement_; j < i; j++) {
            if (is(j, token)) {
                return true;
            }
        }
        return false;
    }

    // extern __shared__ T name[]; is a reference to the module's one array. (A label on the declaration is lost in templates.)
    void dynamic_shared(size_t i) {
        std::string type;
        bool found = false;
        for (size_t j = i + 1; j + 1 < tokens_.size() && !is(j, ";") && !is(j, "{") && !is(j, "("); j++) {
            if (is(j, "__shared__")) {
                found = true;
            } else if (is(j, "__attribute__") || is(j, "alignas")) {
                j = close(j + 1);
            } else if (is(j + 1, "[")) {
                if (!found) {
                    return;
                }
                replace(i, (depth_ == 0 ? "static " : "") + type + "(&" + word(j) + ")[] = reinterpret_cast<" + type + "(&)[]>(emulated_dynamic_shared)");
                while (!is(j + 1, ";")) {
                    skipped_until_ = ++j;
                }
                copied_ = tokens_[j].end;
                return;
            } else {
                type += word(j) + " ";
            }
        }
    }

    void shared(size_t i) {
        std::string keyword = statement_has(i, "static") ? "" : "static ";
        replace(i, keyword + "__attribute__((section(\"emulated_shared_" + std::to_string(sections_++) + "\")))");
    }

    // A declaration at the outermost level whose first bracket is not a parenthesis declares a variable.
    bool is_variable(size_t i) const {
        if (depth_ > 0) {
            return false;
        }
        for (size_t j = i + 1; j < tokens_.size(); j++) {
            if (is(j, "__attribute__") || is(j, "alignas") || is(j, "__launch_bounds__")) {
                j = close(j + 1);
            } else if (is(j, "(") || is(j, "{")) {
                return false;
            } else if (is(j, ";") || is(j, "=") || is(j, "[")) {
                return true;
            }
        }
        return false;
    }

    void variable(size_t i, bool constant) {
        bool read_only = statement_has(i, "const") || statement_has(i, "constexpr") || is(i + 1, "const") || is(i + 1, "constexpr") || is(i + 1, "static");
        if (read_only || depth_ > 0) {
            replace(i, "");
            return;
        }
        std::string section = constant ? ", section(\"emulated_constant_" + std::to_string(sections_++) + "\")" : "";
        replace(i, "__attribute__((visibility(\"default\")" + section + "))");
        has_variables_ |= !constant;
        for (size_t j = i + 1; j + 1 < tokens_.size(); j++) {
            if (is(j + 1, "[") || is(j + 1, "=") || is(j + 1, ";")) {
                variables_.push_back(word(j));
                return;
            }
        }
    }

    // Remembers the name of a kernel that is no template; __launch_bounds__ may stand before or behind the type.
    void note_kernel(size_t i) {
        bool listed = depth_ == 0 && !statement_has(i, "template");
        std::string bounds = "1024";
        for (size_t j = i + 1; j + 1 < tokens_.size(); j++) {
            if (is(j, "__launch_bounds__")) {
                size_t end = close(j + 1), comma = j + 2;
                int depth = 0;
                for (; comma < end && (depth > 0 || !is(comma, ",")); comma++) {
                    depth += is(comma, "(") ? 1 : is(comma, ")") ? -1 : 0;
                }
                bounds = text_.substr(tokens_[j + 2].begin, tokens_[comma - 1].end - tokens_[j + 2].begin);
                j = end;
            } else if (is(j, "__attribute__")) {
                j = close(j + 1);
            } else if (is(j + 1, "(") && !is(j + 1, "__attribute__")) {
                if (listed && known_.insert(word(j)).second) {
                    kernels_.push_back({word(j), bounds});
                }
                return;
            }
        }
    }

    void list_kernels(const std::vector<std::string>& names) {
        result_ += "\n# 1 \"kernels of the module\"\n";
        result_ += "static const emulated::KernelEntry emulated_kernels[] = {\n";
        size_t count = kernels_.size() + names.size();
        for (const auto& [name, bounds] : kernels_) {
            result_ += "emulated::Entry<&::" + name + ">::entry(\"" + name + "\", (" + bounds + ")),\n";
        }
        for (const std::string& name : names) {
            std::string quoted;
            for (char c : name) {
                quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
            }
            result_ += "emulated::Entry<&" + name + ">::entry(\"" + quoted + "\", 1024),\n";
        }
        result_ += "{nullptr, nullptr, 0, nullptr, 0}};\n";
        result_ += "extern \"C\" __attribute__((visibility(\"default\"))) emulated::Context* emulated_module(const emulated::KernelEntry** kernels, unsigned* count, unsigned char** dynamic) {\n"
                   "*kernels = emulated_kernels; *count = " +
                   std::to_string(count) + "; *dynamic = emulated_dynamic_shared; return &emulated_context; }\n";
        for (const std::string& name : variables_) {
            result_ += "extern \"C\" { __attribute__((visibility(\"default\"))) extern const size_t emulated_size_of_" + name + "; const size_t emulated_size_of_" + name + " = sizeof(::" + name + "); }\n";
        }
        if (has_variables_) {
            result_ += "extern \"C\" { __attribute__((visibility(\"default\"))) int emulated_has_variables = 1; }\n";
        }
    }

    struct Kernel {
        std::string name, bounds;
    };

    const std::string& text_;
    std::vector<Token> tokens_;
    std::string result_;
    size_t copied_ = 0, statement_ = 0, skipped_until_ = 0;
    int depth_ = 0, sections_ = 0;
    std::vector<bool> transparent_;
    bool has_variables_ = false;
    std::vector<Kernel> kernels_;
    std::set<std::string> known_;
    std::vector<std::string> variables_;
};

} // namespace

std::string translate(const std::string& preprocessed, const std::vector<std::string>& names) {
    // What #pragma unroll asks of NVRTC, asked of g++: an array that unrolled loops index can live in registers.
    static const std::string asked = "#pragma unroll", given = "#pragma GCC unroll";
    std::string text = preprocessed;
    for (size_t at = 0; (at = text.find(asked, at)) != std::string::npos; at += given.size()) {
        size_t number = text.find_first_not_of(" \t", at + asked.size());
        bool all = number == std::string::npos || text[number] == '\n';
        text.replace(at, asked.size(), all ? given + " 64" : given);
    }
    return Translation(text).run(names);
}

} // namespace emulator
