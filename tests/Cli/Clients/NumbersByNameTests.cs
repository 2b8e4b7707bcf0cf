using Orca.Cli.Clients;
using Orca.Cli.Commands;

namespace Orca.Cli.Tests.Clients;

public sealed class NumbersByNameTests
{
    [Fact]
    public void Pairs_are_weights()
    {
        var expected = new Dictionary<string, double> { ["reasoning"] = 2, ["cot"] = 0.5 };
        Assert.Equal(expected, NumbersByName.Weights(" reasoning=2, cot=0.5,"));
        Assert.Equal(expected, NumbersByName.Weights("""{"reasoning": 2, "cot": 0.5}"""));
    }

    [Theory]
    [InlineData("a=0,5", "'5' is no weight")]
    [InlineData("a=NaN", "'a=NaN' is no weight")]
    [InlineData("a=-1", "'a=-1' is no weight")]
    [InlineData("=1", "'=1' is no weight")]
    [InlineData("a", "'a' is no weight")]
    [InlineData("a=1,a=2", "'a' has two weights")]
    [InlineData(",", "No weight is given")]
    public void Anything_else_is_told(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<CommandException>(() => NumbersByName.Weights(text)).Message);
}
