// Runs g++ on a kernel's text and keeps what it made by the hash of what went in.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace emulator {

struct Source {
    std::string name, text;
    std::vector<std::pair<std::string, std::string>> headers; // include name and text
    std::vector<std::string> definitions;                     // -D, -U, -I and -std as g++ takes them
    std::vector<std::string> name_expressions;
};

struct Compiled {
    bool succeeded = false;
    std::string image, log;
};

Compiled compile(const Source& source);

// Compiles translated text (what compile() made, or what a module carries) with further flags into the file `target`. False with g++'s words in `log`.
bool compile_translated(const std::string& text_file, const std::string& target, const std::vector<std::string>& flags, std::string& log);

} // namespace emulator
