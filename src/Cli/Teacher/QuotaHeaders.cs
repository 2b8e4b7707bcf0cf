using System.Globalization;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Teacher;

/// <summary>Tells a caller of its quota, as OpenAI does.</summary>
internal static class QuotaHeaders
{
    /// <summary>Puts what is left into the reply's headers.</summary>
    public static void Write(IHeaderDictionary headers, QuotaAnswer quota, ScaledTime time)
    {
        Write(headers, "requests", quota.Requests, time);
        Write(headers, "tokens", quota.Tokens, time);
    }

    /// <summary>The refusal of a call for which something is lacking.</summary>
    public static Refusal Of(QuotaAnswer quota, TeacherModel model, ScaledTime time)
    {
        if (quota.Lacking == "too large")
        {
            return Refusal.Of(
                429, $"Request too large for {model.Name} on tokens per min (TPM): Limit {Number(model.TokensPerMinute!.Value)}.", "tokens",
                "rate_limit_exceeded");
        }

        var pause = time.Outside(quota.Pause);
        var milliseconds = Number(Math.Ceiling(pause.TotalMilliseconds));
        return Refusal.Of(
            429, $"Rate limit reached for {model.Name} on {quota.Lacking} per min. Please try again in {milliseconds}ms.", quota.Lacking!,
            "rate_limit_exceeded", ("Retry-After", Refusals.Whole(pause)), ("retry-after-ms", milliseconds));
    }

    private static void Write(IHeaderDictionary headers, string what, AllowanceState? state, ScaledTime time)
    {
        if (state is not null)
        {
            headers[$"x-ratelimit-limit-{what}"] = Number(state.Limit);
            headers[$"x-ratelimit-remaining-{what}"] = Number(Math.Max(0, state.Left));
            headers[$"x-ratelimit-reset-{what}"] = Duration(time.Outside(state.UntilFull));
        }
    }

    // As Go writes durations, which is what these headers hold: 17ms, 1.5s, 6m0s.
    private static string Duration(TimeSpan time) =>
        time < TimeSpan.FromSeconds(1) ? $"{Number(Math.Ceiling(time.TotalMilliseconds))}ms"
        : time < TimeSpan.FromMinutes(1) ? $"{Number(time.TotalSeconds)}s"
        : $"{Number(Math.Floor(time.TotalMinutes))}m{Number(time.Seconds)}s";

    private static string Number(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
