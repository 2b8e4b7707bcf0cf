using Orca.Cli.Configuration;

namespace Orca.Cli.Tests.Configuration;

public sealed class ListTextTests
{
    [Fact]
    public void Commas_separate_items() => Assert.Equal(["a", "b c"], ListText.Items(" a, b c,")!.Value);

    [Fact]
    public void In_a_JSON_array_items_stand_as_they_are() =>
        Assert.Equal(["a, b", " c ", "\"[]"], ListText.Items("""["a, b", " c ", "\"[]"]""")!.Value);

    [Fact]
    public void A_JSON_object_is_a_map() => Assert.Equal(["a,b=2", "c=0.5"], ListText.Items("""{"a,b": 2, "c": 0.5}""")!.Value);

    [Theory]
    [InlineData("[a, b]")]
    [InlineData("[[\"a\"]]")]
    [InlineData("[null]")]
    [InlineData("[\"\\ud83d\"]")]
    public void Brackets_without_JSON_in_them_are_refused(string text) => Assert.Null(ListText.Items(text));
}
