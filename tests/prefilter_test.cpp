#include "text/prefilter.hpp"

#include "support/catch.hpp"

using namespace dagfix;

namespace {

using Words = std::vector<std::string>;

std::vector<bool> found(const Words& words, std::string_view text) {
  return Prefilter(words).words_in(text);
}

}  // namespace

TEST_CASE("Prefilter: words are found wherever they stand") {
  const Words words{"form_data", "HelperMinio", "class GetInputOperator"};
  CHECK(Prefilter(words).matches("form_data"));
  CHECK(Prefilter(words).matches("x = conf['form_data']\n"));
  CHECK(Prefilter(words).matches("# HelperMinio"));
  CHECK(Prefilter(words).matches("form_dataform_data"));
  CHECK_FALSE(Prefilter(words).matches("form_dat"));
  CHECK_FALSE(Prefilter(words).matches("form data, Helper, class GetInput"));
  CHECK_FALSE(Prefilter(words).matches(""));
  CHECK(found(words, "HelperMinio(form_data)") == std::vector{true, true, false});
  CHECK(found(words, "class GetInputOperator:") == std::vector{false, false, true});
}

TEST_CASE("Prefilter: words that overlap, contain each other or are equal") {
  CHECK(found({"abcd", "bcd", "cdab", "abcd"}, "xabcdx") == std::vector{true, true, false, true});
  CHECK(found({"abcd", "bcd", "cdab"}, "abcdabc") == std::vector{true, true, true});
  CHECK(found({"aab", "ab"}, "aaab") == std::vector{true, true});
}

TEST_CASE("Prefilter: words without and with one letter") {
  CHECK_FALSE(Prefilter().matches("abc"));
  CHECK_FALSE(Prefilter(Words{""}).matches("abc"));
  CHECK(found({"", "b", "abc"}, "abc") == std::vector{false, true, true});
  CHECK_FALSE(Prefilter(Words{"b", "cd"}).matches("axx"));
}

TEST_CASE("Prefilter: bytes beyond ASCII") {
  CHECK(found({"größe", "\xff\xfe"}, "die größe") == std::vector{true, false});
  CHECK(found({"größe", "\xff\xfe"}, std::string("\0\xff\xfe", 3)) == std::vector{false, true});
}

TEST_CASE("Prefilter: agrees with a plain search on all short texts") {
  const Words words{"ab", "bca", "cc", "abcab"};
  const std::string_view letters = "abc";
  for (std::size_t number = 0; number < 6561; ++number) {  // all texts of eight letters
    std::string text;
    for (std::size_t rest = number; text.size() < 8; rest /= 3) text += letters[rest % 3];
    std::vector<bool> expected;
    for (const std::string& word : words) expected.push_back(text.contains(word));
    INFO(text);
    REQUIRE(found(words, text) == expected);
  }
}
