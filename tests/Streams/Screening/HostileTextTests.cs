using System.Runtime.InteropServices;
using CsCheck;
using Orca.Streams.Screening;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Screening;

/// <summary>No text makes a screen throw, measure what is no number, or measure otherwise the second time.</summary>
public sealed class HostileTextTests
{
    private static readonly string[] Pieces =
    [
        "a", "I'm sorry, but ", "as an AI ", "please provide ", "cannot ", "\ud83d", "\ude00", "\ud840\udc00", "\0", "\u202e",
        "\u0301", "שלום", "।", "中", "\uffff", "é", "ǅ", "ß", " ", "\n", ".", "0", "3.3333", "|---", "'", "’", "\u200b", "İ", "ſ",
    ];

    [Fact]
    public void Random_code_units_are_measured() => Gen.UShort.Array[0, 400]
        .Select(units => new string(MemoryMarshal.Cast<ushort, char>(units)))
        .Sample(text => MeasuredAlike(text, text.Length > 3 ? text[..3] : text), iter: 500);

    [Fact]
    public void Pieces_of_refusals_and_odd_signs_are_measured() => Gen.Int[0, Pieces.Length - 1].Array[0, 200]
        .Select(indices => string.Concat(indices.Select(index => Pieces[index])))
        .Sample(text => MeasuredAlike(text, "What is it?"), iter: 500);

    [Theory]
    [InlineData("a")]
    [InlineData("\u0301")]
    [InlineData("\ud800")]
    [InlineData("\u05d0")]
    [InlineData("\u202e")]
    [InlineData("中")]
    [InlineData("\0")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("please ")]
    [InlineData("i cannot ")]
    [InlineData("as an ")]
    [InlineData("thank you ")]
    [InlineData("La la de. ")]
    [InlineData("٣")]
    public void A_million_of_one_thing_is_measured(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));

        MeasuredAlike(text, "What is it?");
        MeasuredAlike("yes", text);
        MeasuredAlike(text, text);
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
