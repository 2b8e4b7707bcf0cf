using Orca.Streams.Screening;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Screening;

/// <summary>No text makes a screen throw, measure what is no number, or measure otherwise the second time.</summary>
public sealed class HostileTextTests
{
    [Fact]
    public void Hostile_texts_are_measured()
    {
        var texts = HostileTexts.OfBuiltInTasks(3);
        for (var number = 0; number < 500; number++)
        {
            MeasuredAlike(texts.At(number), texts.At(number + 1));
        }
    }

    public static TheoryData<string> Repeated =>
    [
        "a", "\u0301", "\ud800", "\u05d0", "\u202e", "中", "\0", " ", ".", "please ", "i cannot ", "as an ", "thank you ", "La la de. ", "٣",
    ];

    [Theory, MemberData(nameof(Repeated))]
    public void A_hundred_thousand_of_one_thing_are_measured_at_once(string piece) => MeasuredAtOnce(piece, 100_000);

    [Theory(Explicit = true), MemberData(nameof(Repeated))]
    public void A_million_of_one_thing_are_measured_at_once(string piece) => MeasuredAtOnce(piece, 1_000_000);

    private static void MeasuredAtOnce(string piece, int length)
    {
        var text = string.Concat(Enumerable.Repeat(piece, length / piece.Length));

        Patience.OfFiveSeconds(() =>
        {
            MeasuredAlike(text, "What is it?");
            MeasuredAlike("yes", text);
            MeasuredAlike(text, text);
        });
    }

    private static void MeasuredAlike(string answer, string question)
    {
        foreach (var screen in ScreenSet.All.Screens)
        {
            var trace = Questions.Trace(question, answer);
            var measured = screen.Measure(trace);
            Assert.False(double.IsNaN(measured.Value) || measured.Value < 0, $"{screen.Name} measures {measured.Value}");
            Assert.True(
                screen.Name is not ("refusal" or "language" or "repetition") || measured.Value <= 1,
                $"{screen.Name} measures {measured.Value}");
            Assert.Equal(measured, screen.Measure(trace));
        }
    }
}
