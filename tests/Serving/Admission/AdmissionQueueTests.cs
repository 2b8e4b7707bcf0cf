using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Orca.Model.Prompting;
using Orca.Serving.Admission;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Admission;

/// <summary>Pitfall 21: the queue is bounded, in requests and in tokens, and says so.</summary>
public class AdmissionQueueTests
{
    private static readonly StudentLanguage Language = LanguageOf();
    private static readonly WorkRates Speed = new(
        PrefillTokensPerSecond: 1_000, DecodeTokensPerSecond: 100, SecondsPerToken: 0.02, HasFreePlace: false);

    private readonly FakeTimeProvider clock = new();
    private WorkRates? rates;

    [Fact]
    public void More_requests_than_may_wait_are_refused_and_told_when_to_try_again()
    {
        var queue = Queue(maxRequests: 2);
        queue.Enqueue(Request(), 10);
        queue.Enqueue(Request(), 10);
        var refusal = Assert.Throws<GenerationException>(() => queue.Enqueue(Request(), 10));

        Assert.Equal((Failure.QueueFull, TimeSpan.FromSeconds(1)), (refusal.Failure, refusal.RetryAfter!.Value));
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public void More_tokens_than_may_wait_are_refused_but_one_request_always_may()
    {
        var queue = Queue(options: new AdmissionOptions { MaxQueuedTokens = 100 });
        var longest = Request(prompt: 150);
        queue.Enqueue(longest, 50);
        var refusal = Assert.Throws<GenerationException>(() => queue.Enqueue(Request(prompt: 1), 1));
        Assert.Equal(Failure.QueueFull, refusal.Failure);
        Assert.Contains("200 tokens wait already", refusal.Message);

        Assert.Same(longest, queue.TryDequeue(_ => true));
        queue.Enqueue(Request(prompt: 40), 10);
        queue.Enqueue(Request(prompt: 40), 10);
        Assert.Throws<GenerationException>(() => queue.Enqueue(Request(prompt: 1), 1));
        Assert.Equal((2, 100, 80), (queue.Count, queue.QueuedTokens, queue.QueuedPromptTokens));
    }

    [Fact]
    public void A_refused_request_leaves_nothing_behind()
    {
        var queue = Queue(maxRequests: 1, options: new AdmissionOptions { MaxTenantRequests = 1 });
        var first = Request("a");
        queue.Enqueue(first, 10);
        for (var i = 0; i < 3; i++)
        {
            Assert.Throws<GenerationException>(() => queue.Enqueue(Request("b"), 10));
        }

        queue.TryDequeue(_ => true);
        queue.Enqueue(Request("b"), 10);
        Assert.Equal((1, 11), (queue.Count, queue.QueuedTokens));
    }

    [Fact]
    public void A_tenant_has_as_many_requests_in_flight_as_it_may_waiting_or_running()
    {
        var queue = Queue(options: new AdmissionOptions { MaxTenantRequests = 2 });
        var (one, two) = (Request("a"), Request("a"));
        queue.Enqueue(one, 10);
        queue.Enqueue(two, 10);
        queue.TryDequeue(_ => true);
        var refusal = Assert.Throws<GenerationException>(() => queue.Enqueue(Request("a"), 10));
        Assert.Equal(Failure.QuotaExceeded, refusal.Failure);
        Assert.Contains("Tenant 'a' has 2 requests in flight", refusal.Message);

        queue.Enqueue(Request("b"), 10);
        queue.Release(one, 10, isWhole: true);
        queue.Release(one, 10, isWhole: true);
        queue.Enqueue(Request("a"), 10);
        Assert.Throws<GenerationException>(() => queue.Enqueue(Request("a"), 10));
    }

    [Fact]
    public void A_tenant_has_as_many_tokens_waiting_as_it_may()
    {
        var queue = Queue(options: new AdmissionOptions { MaxTenantQueuedTokens = 100 });
        queue.Enqueue(Request("a", prompt: 60), 10);
        var refusal = Assert.Throws<GenerationException>(() => queue.Enqueue(Request("a", prompt: 60), 10));
        Assert.Equal(Failure.QuotaExceeded, refusal.Failure);
        Assert.Contains("70 tokens waiting", refusal.Message);

        queue.Enqueue(Request("b", prompt: 60), 10);
        queue.TryDequeue(_ => true);
        queue.Enqueue(Request("a", prompt: 60), 10);
    }

    [Fact]
    public void Before_the_engines_speed_is_known_nobody_is_refused_for_a_deadline()
    {
        var queue = Queue();
        queue.Enqueue(Request(deadline: clock.GetUtcNow() + TimeSpan.FromMilliseconds(1)), 1_000);
        Assert.Null(queue.EstimateWait());
    }

    [Fact]
    public void A_request_that_would_wait_longer_than_it_may_is_refused_at_once_with_the_estimate()
    {
        rates = Speed;
        var queue = Queue();
        queue.Enqueue(Request(prompt: 2_000), 300);

        // 2,000 tokens at 1,000 a second, 300 at 100: five seconds.
        Assert.Equal(5, queue.EstimateWait()!.Value.TotalSeconds, 3);
        var refusal = Assert.Throws<GenerationException>(() => queue.Enqueue(Request(maxQueueTime: TimeSpan.FromSeconds(3)), 10));
        Assert.Equal((Failure.DeadlineTooSoon, 2.0), (refusal.Failure, Math.Round(refusal.RetryAfter!.Value.TotalSeconds, 3)));
        Assert.Contains("about 5.0 s", refusal.Message);
        queue.Enqueue(Request(maxQueueTime: TimeSpan.FromSeconds(6)), 10);
    }

    [Fact]
    public void A_request_that_cannot_be_answered_by_its_deadline_is_refused_at_once()
    {
        rates = Speed with { HasFreePlace = true };
        var queue = Queue();

        // No wait, but 100 tokens at 20 ms are two seconds.
        var refusal = Assert.Throws<GenerationException>(() => queue.Enqueue(
            Request(deadline: clock.GetUtcNow() + TimeSpan.FromSeconds(1)), 100));
        Assert.Equal(Failure.DeadlineTooSoon, refusal.Failure);
        queue.Enqueue(Request(deadline: clock.GetUtcNow() + TimeSpan.FromSeconds(3)), 100);
    }

    [Fact]
    public void Answers_are_expected_to_be_as_long_as_those_before_were()
    {
        rates = Speed with { HasFreePlace = true };
        var queue = Queue();
        for (var i = 0; i < 200; i++)
        {
            var past = Request();
            queue.Enqueue(past, 1_000);
            queue.TryDequeue(_ => true);
            queue.Release(past, 10, isWhole: true);
        }

        queue.Enqueue(Request(prompt: 1, deadline: clock.GetUtcNow() + TimeSpan.FromSeconds(1)), 1_000);
        Assert.Equal(0.2, queue.EstimateWait()!.Value.TotalSeconds, 2);
    }

    [Fact]
    public void A_tenant_with_little_in_the_queue_waits_for_its_share_and_not_for_everybody()
    {
        rates = Speed;
        var queue = Queue();
        for (var i = 0; i < 50; i++)
        {
            queue.Enqueue(Request("attacker", prompt: 1_000), 0);
        }

        queue.Enqueue(Request("victim", prompt: 100), 0);
        Assert.Equal(50.1, queue.EstimateWait("attacker")!.Value.TotalSeconds, 1);
        Assert.Equal(0.2, queue.EstimateWait("victim")!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void Those_that_have_waited_as_long_as_they_may_leave_by_themselves()
    {
        var queue = Queue();
        var left = new ConcurrentQueue<Sequence>();
        using var expiry = new QueueExpiry(queue, clock, left.Enqueue);
        var (patient, hasty, dated) = (
            Request(), Request(maxQueueTime: TimeSpan.FromSeconds(2)), Request(deadline: clock.GetUtcNow() + TimeSpan.FromSeconds(5)));
        foreach (var request in new[] { patient, hasty, dated })
        {
            queue.Enqueue(request, 10);
            expiry.Arm();
        }

        clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(left);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal([hasty], left);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([hasty, dated], left);
        Assert.False(queue.Remove(hasty));
        Assert.Same(patient, queue.TryDequeue(_ => true));
    }

    [Fact]
    public void One_taken_in_time_does_not_expire()
    {
        var queue = Queue();
        queue.Enqueue(Request(maxQueueTime: TimeSpan.FromSeconds(2)), 10);
        Assert.NotNull(queue.TryDequeue(_ => true));
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(queue.TakeExpired(clock.GetTimestamp()));
    }

    [Fact]
    public async Task Every_request_leaves_exactly_once_whoever_asks_at_the_same_time()
    {
        var queue = Queue(maxRequests: 10_000);
        var requests = Enumerable.Range(0, 2_000)
            .Select(i => Request($"{i % 7}", maxQueueTime: i % 3 == 0 ? TimeSpan.FromSeconds(1) : null)).ToList();
        var left = new ConcurrentBag<Sequence>();
        var entered = 0;
        var entering = Task.Run(() =>
        {
            foreach (var request in requests)
            {
                queue.Enqueue(request, 5);
                Volatile.Write(ref entered, entered + 1);
            }
        });
        var taking = Task.Run(() => Until(() => queue.TryDequeue(_ => true) is { } taken ? [taken] : []));
        var removing = Task.Run(() => Until(() => Volatile.Read(ref entered) is > 0 and var n && queue.Remove(requests[n / 2]) ? [requests[n / 2]] : []));
        var expiring = Task.Run(() => Until(() => queue.TakeExpired(clock.GetTimestamp() + (2 * clock.TimestampFrequency))));
        await Task.WhenAll(entering, taking, removing, expiring);

        Assert.Equal(requests.Count, left.Distinct().Count());
        Assert.Equal(requests.Count, left.Count);
        Assert.Equal((0, 0), (queue.Count, queue.QueuedTokens));

        void Until(Func<IReadOnlyList<Sequence>> take)
        {
            while (left.Count < requests.Count)
            {
                foreach (var sequence in take())
                {
                    left.Add(sequence);
                }
            }
        }
    }

    [Fact]
    public void Limits_out_of_range_are_all_named()
    {
        var faults = new AdmissionOptions
        {
            MaxQueuedTokens = 0,
            MaxTenantRequests = 0,
            TenantWeights = ImmutableSortedDictionary<string, double>.Empty.Add("free", 0),
            PriorityAgeing = TimeSpan.FromSeconds(-1),
        }.Faults();
        Assert.Equal(4, faults.Length);
        Assert.Contains(faults, fault => fault.Contains("'free'"));
    }

    private AdmissionQueue Queue(int maxRequests = 100, AdmissionOptions? options = null) =>
        new(maxRequests, TimeSpan.FromSeconds(1), options ?? new AdmissionOptions(), clock, () => rates);

    private Sequence Request(string tenant = "", int prompt = 1, TimeSpan? maxQueueTime = null, DateTimeOffset? deadline = null)
    {
        var request = new GenerationRequest
        {
            Prompt = PromptInput.StartToken,
            Scheduling = new SchedulingOptions { Tenant = tenant, MaxQueueTime = maxQueueTime, Deadline = deadline },
        };
        return new Sequence(
            request, Guid.NewGuid().ToString("N"), 1, Language, new EncodedPrompt("bytes", [.. Enumerable.Repeat(Bytes.Start, prompt)]),
            clock.GetTimestamp());
    }

    private static StudentLanguage LanguageOf()
    {
        var tokenizer = Bytes.Open();
        return new StudentLanguage("bytes", tokenizer, PromptTemplate.For(tokenizer), FrozenSet.Create(Bytes.End), Bytes.VocabularySize);
    }
}
