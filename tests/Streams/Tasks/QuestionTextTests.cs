using Orca.Streams.Tasks;

namespace Orca.Streams.Tests.Tasks;

public sealed class QuestionTextTests
{
    [Theory]
    [InlineData("How many eggs?\n(A) 3 (B) 4", "howmanyeggs(a)3(b)4")]
    [InlineData("  HOW many\t eggs ?", "howmanyeggs")]
    [InlineData("Ｈｏｗ ｍａｎｙ １２　ｅｇｇｓ？", "howmany12eggs")]
    [InlineData("Wie groß ist der Œuvre-Ärger?", "wiegroßistderœuvre-ärger")]
    [InlineData("有几个鸡蛋？", "有几个鸡蛋")]
    [InlineData("+ + -", "++-")]
    [InlineData("…?!", "…?!")]
    [InlineData("3 + 4 = ?", "3+4=")]
    [InlineData("half \ud800 of it", "half\ud800ofit")]
    [InlineData("", "")]
    public void Nothing_but_content_is_left(string text, string content) => Assert.Equal(content, QuestionText.Of(text));

    [Theory]
    [InlineData("What is it?", "what is  it")]
    public void The_same_content_has_the_same_key(string one, string other) =>
        Assert.Equal(QuestionText.KeyOf(one), QuestionText.KeyOf(other));

    [Fact]
    public void Keys_are_the_same_on_every_machine() => Assert.Equal(3905330597459517533UL, QuestionText.KeyOf("How many eggs?"));

    [Fact]
    public void Other_content_has_another_key()
    {
        var long1 = new string('x', 5000);

        Assert.NotEqual(QuestionText.KeyOf(long1 + "1"), QuestionText.KeyOf(long1 + "2"));
        Assert.NotEqual(QuestionText.KeyOf("+"), QuestionText.KeyOf("-"));
    }
}
