#include "syntax/parse_memory.hpp"

#include <tree_sitter/api.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace dagfix {

namespace {

constexpr std::size_t kAlignment = 16;
constexpr std::size_t kBlockSize = 1u << 20;
constexpr std::size_t kLongestText = 1u << 20;

// AddressSanitizer has to see every object.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kUsed = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kUsed = false;
#else
constexpr bool kUsed = true;
#endif
#else
constexpr bool kUsed = true;
#endif

// No exception may pass through C.
void* checked(void* pointer, std::size_t size) {
  if (pointer == nullptr && size > 0) std::abort();
  return pointer;
}

struct FreeDeleter {
  void operator()(std::byte* bytes) const { std::free(bytes); }
};

struct Block {
  std::unique_ptr<std::byte, FreeDeleter> bytes;
  std::size_t size = 0;
};

/// The blocks of one thread. The first one is kept for the next parse: this is what is saved.
class Arena {
 public:
  bool active = false;

  void* allocate(std::size_t size) {
    size = (size + kAlignment - 1) & ~(kAlignment - 1);
    if (size + kAlignment > left_) add_block(size + kAlignment);
    std::byte* const header = at_;
    at_ += size + kAlignment;
    left_ -= size + kAlignment;
    std::memcpy(header, &size, sizeof size);
    return header + kAlignment;
  }

  /// How many bytes an owned pointer has.
  static std::size_t size_of(const void* pointer) {
    std::size_t size = 0;
    std::memcpy(&size, static_cast<const std::byte*>(pointer) - kAlignment, sizeof size);
    return size;
  }

  bool owns(const void* pointer) const {
    const auto address = reinterpret_cast<std::uintptr_t>(pointer);
    return std::any_of(blocks_.rbegin(), blocks_.rend(), [&](const Block& block) {
      return address - reinterpret_cast<std::uintptr_t>(block.bytes.get()) < block.size;
    });
  }

  void reset() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin() + 1, blocks_.end());
    if (blocks_.empty()) return;
    at_ = blocks_.front().bytes.get();
    left_ = blocks_.front().size;
  }

 private:
  void add_block(std::size_t least) {
    Block block;
    // Each twice as large as the one before, so that there are few to look through.
    block.size = std::max(blocks_.empty() ? kBlockSize : 2 * blocks_.back().size, least);
    block.bytes.reset(static_cast<std::byte*>(checked(std::malloc(block.size), block.size)));
    at_ = block.bytes.get();
    left_ = block.size;
    blocks_.push_back(std::move(block));
  }

  std::vector<Block> blocks_;
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
};

// tree-sitter's functions for memory are global and have no argument for a context.
thread_local Arena arena;

void* allocate(std::size_t size) {
  return arena.active ? arena.allocate(size) : checked(std::malloc(size), size);
}

void* allocate_zeroed(std::size_t count, std::size_t size) {
  if (!arena.active) return checked(std::calloc(count, size), count * size);
  void* const pointer = arena.allocate(count * size);
  std::memset(pointer, 0, count * size);
  return pointer;
}

void release(void* pointer) {
  if (!arena.active || !arena.owns(pointer)) std::free(pointer);
}

void* reallocate(void* pointer, std::size_t size) {
  if (pointer == nullptr) return allocate(size);
  if (!arena.active || !arena.owns(pointer)) return checked(std::realloc(pointer, size), size);
  const std::size_t old = Arena::size_of(pointer);
  if (size <= old) return pointer;
  void* const moved = arena.allocate(size);
  std::memcpy(moved, pointer, old);
  return moved;
}

}  // namespace

ParseMemory::ParseMemory(std::size_t text_size) {
  static const bool installed = [] {
    if (kUsed) ts_set_allocator(allocate, allocate_zeroed, reallocate, release);
    return kUsed;
  }();
  assert(!arena.active);
  arena.active = installed && text_size <= kLongestText;
}

ParseMemory::~ParseMemory() {
  if (!arena.active) return;
  arena.active = false;
  arena.reset();
}

bool ParseMemory::frees_all() const { return arena.active; }

}  // namespace dagfix
