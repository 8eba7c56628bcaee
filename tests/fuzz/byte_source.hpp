#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace dagfix::fuzz {

/// Decisions that are read from bytes, so that a fuzzer can learn them. When the bytes are used
/// up every decision is 0, which must be the plainest choice and end every loop.
class ByteSource {
 public:
  explicit ByteSource(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool empty() const { return at_ == bytes_.size(); }
  std::uint8_t byte() { return empty() ? std::uint8_t{0} : bytes_[at_++]; }
  /// A number in [0, limit); `limit` is in [1, 256].
  std::size_t below(std::size_t limit) { return byte() % limit; }
  /// True for about `percent` of all bytes, never for 0.
  bool chance(unsigned percent) { return byte() >= 256 - percent * 256 / 100; }
  /// One of the elements, the first when the bytes are used up.
  template <typename List>
  const auto& pick(const List& list) {
    return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace dagfix::fuzz
