#include "block.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace emulator {

using emulated::BarrierOperation;
using emulated::WarpOperation;

int BlockRunner::run(emulated::Context& context, const emulated::KernelEntry& kernel, void** arguments, emulated::Index block, emulated::Index extent, emulated::Index grid, Schedule schedule) {
    context_ = &context;
    kernel_ = &kernel;
    arguments_ = arguments;
    context.block = block;
    context.block_extent = extent;
    context.grid_extent = grid;
    context.runner = this;
    context.barrier = barrier;
    context.collective = collective;
    context.fail = fail;
    prepare(extent, schedule);
    make_current(threads_[order_[started_++]]);
    current_->fiber = free_fibers_.back();
    free_fibers_.pop_back();
    current_->fiber->prepare(enter, this);
    Fiber::switch_to(main_, *current_->fiber);
    return error_;
}

void BlockRunner::prepare(emulated::Index extent, Schedule schedule) {
    unsigned count = extent.x * extent.y * extent.z;
    schedule_ = schedule;
    threads_.resize(count);
    order_.resize(count);
    ready_.resize(count);
    warps_.assign((count + 31) / 32, {0, 0});
    waiting_.clear();
    ready_head_ = ready_count_ = 0;
    started_ = 0;
    live_ = count;
    at_warp_ = 0;
    error_ = 0;
    message_.clear();
    for (unsigned i = 0; i < count; i++) {
        CudaThread& thread = threads_[i];
        thread.index = {i % extent.x, i / extent.x % extent.y, i / (extent.x * extent.y)};
        thread.linear = i;
        thread.fiber = nullptr;
        thread.state = State::unstarted;
        warps_[i / 32].there |= 1u << i % 32;
        order_[i] = schedule == Schedule::reverse ? count - 1 - i : i;
    }
    if (schedule == Schedule::shuffled) {
        for (unsigned i = count; i > 1; i--) {
            random_ = random_ * 1664525u + 1013904223u;
            std::swap(order_[i - 1], order_[(random_ >> 8) % i]);
        }
    }
    free_fibers_.clear();
    for (auto& fiber : fibers_) {
        free_fibers_.push_back(fiber.get());
    }
    if (free_fibers_.empty()) {
        fibers_.push_back(std::make_unique<Fiber>());
        free_fibers_.push_back(fibers_.back().get());
    }
}

void BlockRunner::make_current(CudaThread& thread) {
    current_ = &thread;
    thread.state = State::running;
    context_->thread = &thread;
}

// The body of every fiber: a thread that never waits makes room for the next on the same stack, so a kernel without barriers is a plain loop.
void BlockRunner::enter(void* runner) {
    auto& self = *static_cast<BlockRunner*>(runner);
    Fiber::arrived(*self.current_->fiber);
    for (;;) {
        self.kernel_->invoke(self.arguments_);
        Fiber* fiber = self.current_->fiber;
        self.current_->state = State::done;
        self.current_->fiber = nullptr;
        self.leave();
        if (!fiber->intact()) {
            self.error_ = 719;
            self.message_ = "stack overflow in " + self.place(*self.current_);
        }
        if (self.error_ != 0 || self.live_ == 0) {
            self.abandon(*fiber);
        }
        if (CudaThread* next = self.next_ready()) {
            self.free_fibers_.push_back(fiber);
            self.make_current(*next);
            Fiber::switch_to(*fiber, *next->fiber);
            // Whoever takes the fiber again has prepared it anew.
            __builtin_unreachable();
        }
        if (self.started_ == self.threads_.size()) {
            self.error_ = 719;
            self.message_ = self.stuck();
            self.abandon(*fiber);
        }
        self.make_current(self.threads_[self.order_[self.started_++]]);
        self.current_->fiber = fiber;
    }
}

// Back to the host; nothing of this block runs again.
void BlockRunner::abandon(Fiber& from) {
    Fiber::switch_to(from, main_);
    __builtin_unreachable();
}

// What the end of a thread may complete: the barrier, and an operation of its warp.
void BlockRunner::leave() {
    live_--;
    warps_[current_->linear / 32].there &= ~(1u << current_->linear % 32);
    if (live_ > 0 && waiting_.size() == live_) {
        release_barrier();
        return;
    }
    if (at_warp_ == 0) {
        return;
    }
    unsigned warp = current_->linear / 32;
    for (unsigned i = warp * 32; i < std::min<size_t>(warp * 32 + 32, threads_.size()); i++) {
        if (threads_[i].state == State::at_warp && complete_warp(warp, threads_[i].mask)) {
            return;
        }
    }
}

void BlockRunner::make_ready(CudaThread& thread) {
    thread.state = State::ready;
    size_t at = ready_head_ + ready_count_++;
    ready_[at < ready_.size() ? at : at - ready_.size()] = &thread;
}

BlockRunner::CudaThread* BlockRunner::next_ready() {
    if (ready_count_ == 0) {
        return nullptr;
    }
    CudaThread* thread = ready_[ready_head_];
    ready_head_ = ready_head_ + 1 == ready_.size() ? 0 : ready_head_ + 1;
    ready_count_--;
    return thread;
}

void BlockRunner::wait(CudaThread& self, State state) {
    self.state = state;
    CudaThread* next = next_ready();
    if (next == nullptr) {
        if (started_ == threads_.size()) {
            error_ = 719;
            message_ = stuck();
            abandon(*self.fiber);
        }
        next = &threads_[order_[started_++]];
        if (free_fibers_.empty()) {
            fibers_.push_back(std::make_unique<Fiber>());
            free_fibers_.push_back(fibers_.back().get());
        }
        next->fiber = free_fibers_.back();
        free_fibers_.pop_back();
        next->fiber->prepare(enter, this);
    }
    make_current(*next);
    Fiber::switch_to(*self.fiber, *next->fiber);
}

int BlockRunner::barrier(void* runner, BarrierOperation operation, int predicate) {
    auto& self = *static_cast<BlockRunner*>(runner);
    CudaThread& thread = *self.current_;
    if (!self.waiting_.empty() && self.barrier_operation_ != operation) {
        fail(runner, 719, "threads of a block wait at different kinds of __syncthreads", nullptr, 0);
    }
    self.barrier_operation_ = operation;
    thread.predicate = predicate;
    self.waiting_.push_back(thread.linear);
    if (self.waiting_.size() < self.live_) {
        self.wait(thread, State::at_barrier);
    } else {
        self.release_barrier();
    }
    return self.barrier_result_;
}

void BlockRunner::release_barrier() {
    int count = 0;
    for (unsigned i : waiting_) {
        count += threads_[i].predicate;
    }
    switch (barrier_operation_) {
    case emulated::barrier_and:
        barrier_result_ = count == static_cast<int>(waiting_.size());
        break;
    case emulated::barrier_or:
        barrier_result_ = count > 0;
        break;
    default:
        barrier_result_ = count;
        break;
    }
    for (unsigned i : waiting_) {
        if (&threads_[i] != current_) {
            make_ready(threads_[i]);
        }
    }
    waiting_.clear();
}

unsigned long long BlockRunner::collective(void* runner, WarpOperation operation, unsigned mask, unsigned long long value, unsigned parameter, unsigned width) {
    auto& self = *static_cast<BlockRunner*>(runner);
    CudaThread& thread = *self.current_;
    if ((mask >> (thread.linear % 32) & 1u) == 0) {
        fail(runner, 719, "a lane calls a warp operation whose mask does not name it", nullptr, 0);
    }
    thread.operation = operation;
    thread.mask = mask;
    thread.value = value;
    thread.parameter = parameter;
    thread.width = width;
    thread.state = State::at_warp;
    self.at_warp_++;
    self.warps_[thread.linear / 32].arrived |= 1u << thread.linear % 32;
    if (!self.complete_warp(thread.linear / 32, mask)) {
        self.wait(thread, State::at_warp);
    } else if (self.error_ != 0) {
        self.abandon(*thread.fiber);
    }
    return thread.value;
}

// Does the operation when all lanes of the mask that are still there have come to it.
bool BlockRunner::complete_warp(unsigned warp, unsigned mask) {
    unsigned arrived = mask & warps_[warp].there;
    if ((arrived & ~warps_[warp].arrived) != 0) {
        return false;
    }
    CudaThread* lanes = &threads_[warp * 32];
    for (unsigned rest = arrived; rest != 0; rest &= rest - 1) {
        if (lanes[__builtin_ctz(rest)].mask != mask) {
            return false;
        }
    }
    const CudaThread& first = lanes[__builtin_ctz(arrived)];
    for (unsigned rest = arrived; rest != 0; rest &= rest - 1) {
        const CudaThread& lane = lanes[__builtin_ctz(rest)];
        if (lane.operation != first.operation) {
            error_ = 719;
            message_ = "lanes of a warp meet in different operations: " + place(first) + " and " + place(lane);
            return true;
        }
    }
    resolve(lanes, arrived);
    at_warp_ -= __builtin_popcount(arrived);
    warps_[warp].arrived &= ~arrived;
    for (unsigned rest = arrived; rest != 0; rest &= rest - 1) {
        CudaThread& lane = lanes[__builtin_ctz(rest)];
        if (&lane == current_) {
            lane.state = State::running;
        } else {
            make_ready(lane);
        }
    }
    return true;
}

void BlockRunner::resolve(CudaThread* lanes, unsigned arrived) {
    if (lanes[__builtin_ctz(arrived)].operation == emulated::synchronize) {
        return;
    }
    unsigned long long values[32], results[32], sum = 0, least = ~0ull, greatest = 0;
    unsigned votes = 0;
    for (unsigned i = 0; i < 32; i++) {
        // What a lane reads from one that is not there is undefined; here it is a NaN.
        values[i] = (arrived >> i & 1u) != 0 ? lanes[i].value : ~0ull;
        if ((arrived >> i & 1u) != 0) {
            votes |= static_cast<unsigned>(values[i] != 0) << i;
            sum += values[i];
            least = std::min(least, values[i]);
            greatest = std::max(greatest, values[i]);
        }
    }
    for (unsigned i = 0; i < 32; i++) {
        if ((arrived >> i & 1u) == 0) {
            continue;
        }
        const CudaThread& lane = lanes[i];
        unsigned width = lane.width, base = i & ~(width - 1), source = i;
        switch (lane.operation) {
        case emulated::shuffle_index:
            source = base + (lane.parameter & (width - 1));
            results[i] = values[source];
            break;
        case emulated::shuffle_up:
            results[i] = values[i >= base + lane.parameter ? i - lane.parameter : i];
            break;
        case emulated::shuffle_down:
            results[i] = values[i + lane.parameter < base + width ? i + lane.parameter : i];
            break;
        case emulated::shuffle_xor:
            source = i ^ lane.parameter;
            results[i] = values[source < base + width ? source : i];
            break;
        case emulated::ballot:
            results[i] = votes;
            break;
        case emulated::vote_any:
            results[i] = votes != 0;
            break;
        case emulated::vote_all:
            results[i] = votes == arrived;
            break;
        case emulated::match_any:
            results[i] = 0;
            for (unsigned j = 0; j < 32; j++) {
                results[i] |= static_cast<unsigned long long>((arrived >> j & 1u) != 0 && values[j] == values[i]) << j;
            }
            break;
        case emulated::reduce_add:
            results[i] = sum;
            break;
        case emulated::reduce_min:
            results[i] = least;
            break;
        case emulated::reduce_max:
            results[i] = greatest;
            break;
        case emulated::synchronize:
            results[i] = 0;
            break;
        }
    }
    for (unsigned i = 0; i < 32; i++) {
        if ((arrived >> i & 1u) != 0) {
            lanes[i].value = results[i];
        }
    }
}

void BlockRunner::fail(void* runner, int error, const char* message, const char* file, int line) {
    auto& self = *static_cast<BlockRunner*>(runner);
    self.error_ = error;
    self.message_ = (file != nullptr ? std::string(file) + ":" + std::to_string(line) + ": " : std::string()) + message + " in " + self.place(*self.current_);
    self.abandon(*self.current_->fiber);
}

std::string BlockRunner::place(const CudaThread& thread) const {
    auto show = [](const emulated::Index& index) { return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," + std::to_string(index.z) + ")"; };
    return "thread " + show(thread.index) + " of block " + show(context_->block) + " of " + kernel_->name;
}

// Nobody can go on: some wait for others that wait elsewhere.
std::string BlockRunner::stuck() const {
    std::string text = "the threads of a block wait for each other";
    const char* names[] = {"__syncthreads", "a warp operation"};
    State states[] = {State::at_barrier, State::at_warp};
    for (int kind = 0; kind < 2; kind++) {
        size_t count = 0;
        const CudaThread* first = nullptr;
        for (const CudaThread& thread : threads_) {
            if (thread.state == states[kind]) {
                first = count++ == 0 ? &thread : first;
            }
        }
        if (first != nullptr) {
            text += std::string(kind == 0 ? ": " : ", ") + std::to_string(count) + " at " + names[kind] + " (" + place(*first) + ")";
        }
    }
    return text;
}

} // namespace emulator
