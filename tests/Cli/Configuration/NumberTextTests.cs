using Orca.Cli.Configuration;

namespace Orca.Cli.Tests.Configuration;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("0.7", 0.7)]
    [InlineData(" .5 ", 0.5)]
    [InlineData("-3", -3)]
    [InlineData("1e-3", 1e-3)]
    [InlineData("+2.5E2", 250)]
    public void Numbers_are_digits_with_a_point(string text, double number) => Assert.Equal(number, NumberText.Read<double>(text));

    [Theory]
    [InlineData("0,7")]
    [InlineData("1,000")]
    [InlineData("1.000,5")]
    [InlineData("1_000")]
    [InlineData("1 000")]
    [InlineData("5s")]
    [InlineData("50%")]
    [InlineData("0x10")]
    [InlineData("(5)")]
    [InlineData("$5")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("∞")]
    [InlineData("1e400")]
    [InlineData("5\0")]
    [InlineData("٥")]
    [InlineData("")]
    public void Anything_else_is_no_number(string text)
    {
        Assert.Null(NumberText.Read<double>(text));
        Assert.Null(NumberText.Read<float>(text));
        Assert.Null(NumberText.Read<int>(text));
        Assert.Null(NumberText.Read<ulong>(text));
    }

    [Theory]
    [InlineData("1e3")]
    [InlineData("5.0")]
    [InlineData("2k")]
    [InlineData("9999999999")]
    public void Whole_numbers_are_digits_alone(string text) => Assert.Null(NumberText.Read<int>(text));

    [Theory]
    [InlineData("0,7", ", such as 0.7")]
    [InlineData("-,5", ", such as -.5")]
    [InlineData("1,000", ", such as 1.000 or 1000")]
    [InlineData("1_000", ", such as 1000")]
    [InlineData("warm", "")]
    public void A_number_that_was_meant_is_suggested(string text, string example) =>
        Assert.Equal(example, NumberText.Example<double>(text, _ => true));

    [Theory]
    [InlineData("1,000,000", ", such as 1000000")]
    [InlineData("1e3", ", such as 1000")]
    [InlineData("5.0", ", such as 5")]
    [InlineData("0,5", "")]
    [InlineData("3.5", "")]
    public void A_whole_number_that_was_meant_is_suggested(string text, string example) =>
        Assert.Equal(example, NumberText.Example<int>(text, _ => true));

    [Fact]
    public void What_does_not_fit_is_not_suggested() => Assert.Equal("", NumberText.Example<float>("2,5", number => number <= 1));
}
