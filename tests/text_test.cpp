#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "text/encoding.hpp"
#include "text/source_file.hpp"

using namespace dagfix;
using namespace std::string_literals;

namespace {

SourceFile decoded(std::string bytes) {
  const auto problem = SourceFile::problem(bytes);
  auto file = SourceFile::decode("dag.py", std::move(bytes));
  CHECK(!problem);
  INFO((file ? std::string() : file.error()));
  REQUIRE(file.has_value());
  return *std::move(file);
}

std::string error_of(std::string bytes) {
  const auto problem = SourceFile::problem(bytes);
  auto file = SourceFile::decode("dag.py", std::move(bytes));
  REQUIRE_FALSE(file.has_value());
  CHECK(problem == file.error());
  return file.error();
}

std::uint32_t offset_of(const SourceFile& file, std::string_view what) {
  const std::size_t at = file.text().find(what);
  REQUIRE(at != std::string_view::npos);
  return static_cast<std::uint32_t>(at);
}

Edit replace(const SourceFile& file, std::string_view what, std::string text) {
  const std::uint32_t begin = offset_of(file, what);
  return {{begin, begin + static_cast<std::uint32_t>(what.size())}, std::move(text)};
}

std::vector<std::string> lines_of(const SourceFile& file) {
  std::vector<std::string> lines;
  for (std::uint32_t number = 1; number <= file.line_count(); ++number) {
    lines.emplace_back(file.slice(file.line(number)));
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("Text: UTF-8 bytes are the text") {
  const SourceFile file = decoded("größe = '🩻'\n");
  CHECK(file.text() == file.bytes());
  CHECK(file.text().data() == file.bytes().data());
  CHECK(file.encoding() == "utf-8");
  CHECK_FALSE(file.has_bom());
  CHECK(file.path() == "dag.py");
}

TEST_CASE("Text: an empty file has one empty line") {
  const SourceFile file = decoded("");
  CHECK(file.line_count() == 1);
  CHECK(file.line(1) == ByteRange{0, 0});
  CHECK(file.line_column(0) == LineColumn{1, 1});
  CHECK(file.utf16_position(0) == LineColumn{0, 0});
  CHECK(file.encode_with({}).value().empty());
  CHECK(file.encode_with(std::vector<Edit>{{{0, 0}, "x\n"}}).value() == "x\n");
}

TEST_CASE("Text: LF, CRLF and lone CR end lines") {
  CHECK(lines_of(decoded("a\nb")) == Lines{"a", "b"});
  CHECK(lines_of(decoded("a\nb\n")) == Lines{"a", "b", ""});
  CHECK(lines_of(decoded("a\r\nb\r\n")) == Lines{"a", "b", ""});
  CHECK(lines_of(decoded("a\rb\r")) == Lines{"a", "b", ""});
  CHECK(lines_of(decoded("a\n\rb")) == Lines{"a", "", "b"});
  CHECK(lines_of(decoded("\r\r\n\n\r")) == Lines{"", "", "", "", ""});
  CHECK(lines_of(decoded("\r\n")) == Lines{"", ""});
  CHECK(lines_of(decoded("a\f\vb\xc2\x85"
                         "c\xe2\x80\xa8"
                         "d"))
            .size() == 1);
}

TEST_CASE("Text: columns count code points for people and UTF-16 units for editors") {
  const SourceFile file = decoded("a\nä€🩻x = 1\r\nb");
  const std::uint32_t x = offset_of(file, "x");
  CHECK(file.line_column(x) == LineColumn{2, 4});
  CHECK(file.utf16_position(x) == LineColumn{1, 4});
  const std::uint32_t b = offset_of(file, "b");
  CHECK(file.line_column(b) == LineColumn{3, 1});
  CHECK(file.utf16_position(b) == LineColumn{2, 0});
  const auto end = static_cast<std::uint32_t>(file.text().size());
  CHECK(file.line_column(end) == LineColumn{3, 2});
  CHECK(file.utf16_position(end) == LineColumn{2, 1});
}

TEST_CASE("Text: the end of a file that ends with a line end is on the next line") {
  const SourceFile file = decoded("ab\n");
  CHECK(file.line_column(2) == LineColumn{1, 3});
  CHECK(file.line_column(3) == LineColumn{2, 1});
}

TEST_CASE("Text: a BOM is kept, and counted nowhere") {
  const SourceFile file = decoded("\xef\xbb\xbfx = 1\ny = 2\n");
  CHECK(file.has_bom());
  CHECK(file.encoding() == "utf-8");
  CHECK(file.slice(file.line(1)) == "x = 1");
  CHECK(file.line_column(0) == LineColumn{1, 1});
  CHECK(file.line_column(offset_of(file, "x")) == LineColumn{1, 1});
  CHECK(file.line_column(offset_of(file, "1")) == LineColumn{1, 5});
  CHECK(file.utf16_position(offset_of(file, "1")) == LineColumn{0, 4});
  CHECK(file.line_column(offset_of(file, "y")) == LineColumn{2, 1});
  CHECK(file.encode_with(std::vector{replace(file, "1", "3")}).value() ==
        "\xef\xbb\xbfx = 3\ny = 2\n");
}

TEST_CASE("Text: a file of nothing but a BOM") {
  const SourceFile file = decoded("\xef\xbb\xbf");
  CHECK(file.has_bom());
  CHECK(lines_of(file) == Lines{""});
  CHECK(file.line_column(3) == LineColumn{1, 1});
}

TEST_CASE("Text: bytes that are no Python file are refused") {
  CHECK(error_of("x = 1\0\n"s) == "contains a NUL byte at offset 5: not a Python source file");
  CHECK(error_of("\xff\xfex\0"s) ==
        "starts with a byte order mark of UTF-16, which Python cannot read");
  CHECK(error_of("\xfe\xff\0x"s) ==
        "starts with a byte order mark of UTF-16, which Python cannot read");
  CHECK(error_of("\xff\xfe\0\0x\0\0\0"s) ==
        "starts with a byte order mark of UTF-32, which Python cannot read");
  CHECK(error_of("\0\0\xfe\xff\0\0\0x"s) ==
        "starts with a byte order mark of UTF-32, which Python cannot read");
  CHECK(error_of(std::string(SourceFile::kMaxBytes + 1, '#')) == "larger than 64 MiB: not a DAG");
}

TEST_CASE("Text: bytes that are not UTF-8 are named with their line") {
  CHECK(error_of("a\r\nb\n'\xe4'\n") ==
        "line 3: byte 0xe4 is not valid UTF-8 and no PEP 263 line names another encoding");
  CHECK(error_of("# coding: utf-8\n\n'\xe4'\n") ==
        "line 3: byte 0xe4 is not valid UTF-8, which the file says it is written in");
  CHECK(error_of("\xef\xbb\xbf'\xe4'\n") ==
        "line 1: byte 0xe4 is not valid UTF-8, which the file says it is written in");
}

TEST_CASE("Text: UTF-8 is checked as RFC 3629 says, at every place of a block") {
  const std::vector<std::string> good = {"\x7f",         "\xc2\x80",         "\xdf\xbf",
                                         "\xe0\xa0\x80", "\xed\x9f\xbf",     "\xee\x80\x80",
                                         "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
  const std::vector<std::string> bad = {"\x80",
                                        "\xbf",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xc2",
                                        "\xc2\x41",
                                        "\xe0\x9f\xbf",
                                        "\xe1\x80",
                                        "\xe1\x80\x41",
                                        "\xed\xa0\x80",
                                        "\xed\xbf\xbf",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf1\x80\x80",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xff"};
  for (std::size_t before = 0; before < 70; ++before) {
    for (const std::string& character : good) {
      const std::string bytes = std::string(before, 'a') + character + "aaaa";
      CHECK(valid_utf8_prefix(bytes) == bytes.size());
      CHECK(valid_utf8_prefix(std::string(before, 'a') + character) == before + character.size());
    }
    for (const std::string& character : bad) {
      CHECK(valid_utf8_prefix(std::string(before, 'a') + character + "aaaa") == before);
      CHECK(valid_utf8_prefix(std::string(before, 'a') + character) == before);
    }
  }
}

TEST_CASE("Text: the PEP 263 line is where CPython sees it") {
  const auto name = [](std::string_view bytes) {
    const auto coding = find_coding_line(bytes);
    return coding ? std::string(coding->name) + "@" + std::to_string(coding->line) : "none";
  };
  CHECK(name("# -*- coding: latin-1 -*-\n") == "latin-1@1");
  CHECK(name("#!/usr/bin/env python\n# vim: set fileencoding=koi8_r :\n") == "koi8_r@2");
  CHECK(name("\n#coding=cp1252") == "cp1252@2");
  CHECK(name("\r#coding=cp1252\r") == "cp1252@2");
  CHECK(name("\r\n#coding=cp1252\r\n") == "cp1252@2");
  CHECK(name(" \t\f# coding: \t x.y_z-9") == "x.y_z-9@1");
  CHECK(name("# coding then coding:a") == "a@1");
  CHECK(name("# coding: , coding:b") == "b@1");
  CHECK(name("# encoding:a coding:b") == "a@1");
  CHECK(name("# coding:\n# coding:a") == "a@2");
  CHECK(name("# one\n# two\n# coding:a") == "none");
  CHECK(name("x = 1  # coding:a\n") == "none");
  CHECK(name("x = 1\n# coding:a\n") == "none");
  CHECK(name("\"\"\"\n# coding:a\n") == "none");
  CHECK(name("\\\n# coding:a\n") == "none");
  CHECK(name("# coding : a") == "none");
  CHECK(name("# Coding: a") == "none");
  CHECK(name("# coding") == "none");
  CHECK(name("# coding:") == "none");
  CHECK(name("") == "none");
}

TEST_CASE("Text: encodings have the names and aliases of CPython") {
  const auto name = [](std::string_view written) {
    const Codec* const codec = find_codec(written);
    return codec ? codec->name : "none";
  };
  for (const char* written :
       {"utf-8", "UTF8", "utf_8", "U8", "utf-8-unix", "utf-8-sig", "cp65001"}) {
    CHECK(name(written) == "utf-8");
  }
  for (const char* written : {"latin-1", "Latin1", "ISO-8859-1", "iso_8859_1", "iso-latin-1",
                              "iso-latin-1-dos", "latin-1-unix", "l1", "8859", "cp819"}) {
    CHECK(name(written) == "iso-8859-1");
  }
  CHECK(name("iso-8859-15") == "iso8859-15");
  CHECK(name("ISO8859_15") == "iso8859-15");
  CHECK(name("latin9") == "iso8859-15");
  CHECK(name("windows-1252") == "cp1252");
  CHECK(name("CP1252") == "cp1252");
  CHECK(name("shift_jis") == "shift_jis");
  CHECK(name("SJIS") == "shift_jis");
  CHECK(name("ms_kanji") == "cp932");
  CHECK(name("euc-jp") == "euc_jp");
  CHECK(name("gbk") == "gbk");
  CHECK(name("koi8-r") == "koi8-r");
  CHECK(name("us-ascii") == "ascii");
  CHECK(name("ANSI_X3.4-1968") == "ascii");
  for (const char* written : {"", "-", "foo", "utf-16", "utf-7", "utf-32-le", "iso-2022-jp", "hz",
                              "cp037", "rot13", "unicode_escape", "latin-17", "cp125"}) {
    CHECK(name(written) == "none");
  }
}

TEST_CASE("Text: encodings that Python source cannot be written in are refused") {
  CHECK(error_of("# coding: foo\n") == "line 1: unknown or unsupported encoding \"foo\"");
  CHECK(error_of("\n# coding: utf-16\n") == "line 2: unknown or unsupported encoding \"utf-16\"");
  CHECK(error_of("# coding: iso-2022-jp\n") ==
        "line 1: unknown or unsupported encoding \"iso-2022-jp\"");
  CHECK(error_of("\xef\xbb\xbf# coding: Latin1\n") ==
        "line 1: encoding iso-8859-1 in a file with a UTF-8 byte order mark");
  CHECK(decoded("\xef\xbb\xbf# coding: utf8\n").encoding() == "utf-8");
}

TEST_CASE("Text: bytes that the named encoding lacks are refused") {
  CHECK(error_of("# coding: cp1252\n'\x81'\n") ==
        "line 2: byte 0x81 is not valid cp1252, which the PEP 263 line names");
  CHECK(error_of("# coding: ascii\n\n'\xe4'\n") ==
        "line 3: byte 0xe4 is not valid ascii, which the PEP 263 line names");
  CHECK(error_of("# coding: shift_jis\n'\x83") ==
        "line 2: byte 0x83 is not valid shift_jis, which the PEP 263 line names");
}

TEST_CASE("Text: Latin-1 is decoded, and bytes outside of edits stay") {
  const SourceFile file = decoded(
      "# coding: latin-1\r\nname = 'Gr\xf6\xdf"
      "e'  # \xe4\r\nx = 1");
  CHECK(file.encoding() == "iso-8859-1");
  CHECK(file.text() == "# coding: latin-1\r\nname = 'Größe'  # ä\r\nx = 1");
  CHECK(file.line_column(offset_of(file, "e'")) == LineColumn{2, 13});
  CHECK(file.encode_with({}).value() == file.bytes());
  const std::vector edits = {replace(file, "name", "größer"), replace(file, "ß", "ss"),
                             replace(file, "x = 1", "x = 'ÿ'")};
  CHECK(file.encode_with(edits).value() ==
        "# coding: latin-1\r\ngr\xf6\xdf"
        "er = 'Gr\xf6sse'  # \xe4\r\nx = '\xff'");
}

TEST_CASE("Text: a character that the encoding lacks cannot be inserted") {
  const SourceFile latin = decoded("# coding: latin-1\nx = '\xe4'\n");
  CHECK(latin.encode_with(std::vector{replace(latin, "x", "€")}).error() ==
        "the character U+20AC cannot be written in iso-8859-1");
  const SourceFile ascii = decoded("# coding: ascii\nx = 1\n");
  CHECK(ascii.text() == ascii.bytes());
  CHECK(ascii.encode_with(std::vector{replace(ascii, "1", "2")}).has_value());
  CHECK(ascii.encode_with(std::vector{replace(ascii, "1", "'🩻'")}).error() ==
        "the character U+1FA7B cannot be written in ascii");
  const SourceFile cp1252 = decoded("# coding: cp1252\nx = 1\n");
  CHECK(cp1252.encode_with(std::vector{replace(cp1252, "= 1", "= '€'")}).value() ==
        "# coding: cp1252\nx = '\x80'\n");
}

TEST_CASE("Text: Shift-JIS characters whose second byte is a backslash") {
  const std::string head = "# coding: shift_jis\n";
  const SourceFile file = decoded(head + "t = '\x83\x5c\x95\x5c\\n~'\n");
  CHECK(file.text() == head + "t = 'ソ表\\n~'\n");
  CHECK(file.line_column(offset_of(file, "\\n")) == LineColumn{2, 8});
  CHECK(file.encode_with(std::vector{replace(file, "表", "ソソ")}).value() ==
        head + "t = '\x83\x5c\x83\x5c\x83\x5c\\n~'\n");
  CHECK(file.encode_with(std::vector{replace(file, "表", "¥")}).error() ==
        "the character U+00A5 cannot be written in shift_jis");
}

TEST_CASE("Text: encodings with characters of one to four bytes") {
  CHECK(decoded("# coding: euc-jp\n'\xa4\xa2\x8f\xb0\xa1'").text() == "# coding: euc-jp\n'あ丂'");
  CHECK(decoded("# coding: gbk\n'\xd6\xd0'").text() == "# coding: gbk\n'中'");
  CHECK(decoded("# coding: gb18030\n'\x94\x39\xdd\x34\xd6\xd0'").text() ==
        "# coding: gb18030\n'📈中'");
  CHECK(decoded("# coding: koi8-r\n'\xc1'").text() == "# coding: koi8-r\n'а'");
  CHECK(decoded("# coding: iso-8859-15\n'\xa4'").text() == "# coding: iso-8859-15\n'€'");
}

TEST_CASE("Text: letters and accents of cp1258 stay apart") {
  const SourceFile file = decoded(
      "# coding: cp1258\n'a\xec"
      "b'");
  CHECK(file.text() ==
        "# coding: cp1258\n'a\xcc\x81"
        "b'");
  CHECK(file.encode_with(std::vector{replace(file, "b", "c")}).value() ==
        "# coding: cp1258\n'a\xec"
        "c'");
}

TEST_CASE("Text: every codec in the table is one that the C library knows") {
  for (const char* name :
       {"ascii",     "big5",   "big5hkscs", "cp437",     "cp850",        "cp866",      "cp874",
        "cp932",     "cp949",  "cp950",     "cp1125",    "cp1250",       "cp1251",     "cp1253",
        "cp1254",    "cp1255", "cp1256",    "cp1257",    "cp1258",       "euc_jp",     "euc_kr",
        "gb18030",   "gb2312", "gbk",       "hp_roman8", "iso8859_2",    "iso8859_16", "koi8_r",
        "koi8_t",    "koi8_u", "kz1048",    "latin_1",   "mac_cyrillic", "mac_roman",  "ptcp154",
        "shift_jis", "tis_620"}) {
    INFO(name);
    const Codec* const codec = find_codec(name);
    REQUIRE(codec != nullptr);
    const auto text = decode_text("plain", *codec);
    REQUIRE(text.has_value());
    CHECK(text->text == "plain");
  }
}

TEST_CASE("Text: edits are made in order") {
  CHECK(apply_edits("abc", {}) == "abc");
  CHECK(apply_edits("", std::vector<Edit>{{{0, 0}, "x"}}) == "x");
  CHECK(apply_edits("abcdef",
                    std::vector<Edit>{
                        {{0, 0}, ">"}, {{1, 3}, ""}, {{3, 3}, "-"}, {{5, 6}, "FF"}}) == ">a-deFF");
  CHECK(apply_edits("abc", std::vector<Edit>{{{0, 1}, "x"}, {{1, 2}, "y"}, {{3, 3}, "\r\n"}}) ==
        "xyc\r\n");
}

TEST_CASE("Text: CRLF and a missing final newline survive edits") {
  const SourceFile file = decoded("a = 1\r\nb = 2\n\tc = 3");
  CHECK(file.encode_with(std::vector{replace(file, "2", "22")}).value() ==
        "a = 1\r\nb = 22\n\tc = 3");
}
