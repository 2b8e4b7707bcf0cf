using System.Text;
using CsCheck;
using Orca.Streams.Screening;
using Orca.Streams.Storage;

namespace Orca.Streams.Tests.Storage;

public class PackingTests
{
    [Fact]
    public void Whatever_texts_a_request_has_come_back() => Gen.Select(Gen.String, Gen.String.Array[0, 4], Gen.String, Gen.Bool).Sample(
        (prompt, gold, explanation, isBare) =>
        {
            var body = new RequestBody("", Valid(prompt), [.. gold.Select(Valid)], isBare ? null : Valid(explanation), isBare ? "" : null);

            var found = Packing.Unpack<RequestBody>(Packing.Pack(body));

            Assert.Equal(body.GoldAnswers, found.GoldAnswers);
            Assert.Equal(body with { GoldAnswers = [] }, found with { GoldAnswers = [] });
        });

    [Fact]
    public void Texts_of_a_usual_answer_take_less_room_than_they_are_long()
    {
        var answer = string.Concat(Enumerable.Range(0, 40).Select(step => $"Step {step}: we add {step} to what we have, and carry on. "));

        Assert.InRange(Packing.Pack(new AnswerBody(answer, "")).Length, 1, answer.Length / 2);
    }

    [Fact]
    public void A_body_that_is_damaged_is_said_in_one_sentence()
    {
        var packed = Packing.Pack(new AnswerBody("The answer is 7.", ""));

        var fault = Assert.Throws<TraceStoreException>(() => Packing.Unpack<AnswerBody>(packed[..^4]));

        Assert.StartsWith("A text of the trace store is damaged (", fault.Message, StringComparison.Ordinal);
        Assert.Throws<TraceStoreException>(() => Packing.Unpack<RequestBody>(packed));
    }

    [Fact]
    public void What_screens_found_comes_back()
    {
        ScreenVerdict[] verdicts = [new("finish", true, 0, null), new("judge", true, 0.25, null),
            new("length", false, 20_000, "too long")];

        Assert.Equal(verdicts, Packing.Unpack<System.Collections.Immutable.ImmutableArray<ScreenVerdict>>(
            Packing.Pack<System.Collections.Immutable.ImmutableArray<ScreenVerdict>>([.. verdicts])));
    }

    // Unpaired surrogates become U+FFFD, as in all that is UTF-8.
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
