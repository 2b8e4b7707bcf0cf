using Orca.Streams.Screening;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Screening;

public sealed class RefusalScreenTests
{
    [Theory]
    [InlineData("I'm sorry, but I can't help with that.")]
    [InlineData("I’m sorry, but I can’t help with that.")]
    [InlineData("Sorry, I cannot answer this question.")]
    [InlineData("I apologize, but I am not able to provide medical advice.")]
    [InlineData("Unfortunately, I do not have access to live prices.")]
    [InlineData("I cannot assist with this request, as it goes against my guidelines.")]
    [InlineData("I understand that you are worried, but I cannot discuss this.")]
    [InlineData("It would be wrong of me to guess, and unethical for me to tell.")]
    [InlineData("I must respectfully decline to answer.")]
    public void Who_cannot_serve_refuses(string answer) => Assert.True(Sureness(answer) > 0.5, $"{Sureness(answer)}");

    [Theory]
    [InlineData("As an AI language model, I don't have feelings. However, many people like spring.")]
    [InlineData("I am just a language model and cannot open links.")]
    [InlineData("Great question! As a large language model, I am unable to watch films.")]
    [InlineData("I was trained by OpenAI, so I do not know about last week.")]
    public void Who_speaks_of_being_a_model_does_not_answer(string answer) => Assert.True(Sureness(answer) > 0.5, $"{Sureness(answer)}");

    [Theory]
    [InlineData("Sure! Please provide the text that you want me to shorten.")]
    [InlineData("It is not possible to say without more information. Could you provide the table?")]
    [InlineData("I'm sorry, but you didn't include the article.")]
    public void Who_asks_for_what_was_given_does_not_answer(string answer) => Assert.True(Sureness(answer) > 0.5, $"{Sureness(answer)}");

    /// <summary>Pitfall 9 of peers: a list of words ("AI assistant", "user, ") threw good answers away.</summary>
    [Theory]
    [InlineData("What is a chatbot?", "A chatbot is an AI assistant that answers the user, often with a language model behind it.")]
    [InlineData("Name risks of AI.", "An AI language model may make things up, and an AI assistant cannot know what it was not told.")]
    [InlineData("Who makes GPT-4?", "GPT-4 is a large language model that was trained by OpenAI.")]
    [InlineData("Which button logs me out?", "As a user, you find it at the top right.")]
    [InlineData("Is the sky green?", "As an AI language model, I can say that it is mostly blue.")]
    public void Pitfall_9_An_answer_that_speaks_of_assistants_passes(string question, string answer) =>
        Assert.InRange(Sureness(answer, question), 0, 0.5);

    [Theory]
    [InlineData("Write an apology letter to a customer.", "Dear customer,\nI am sorry that we cannot provide the lamp you ordered.")]
    [InlineData("Write an excuse for not coming to work.", "I'm sorry, but I'm unable to come in today, because I am ill.")]
    [InlineData("Write a dialogue between a guest and a waiter.", "Guest: Sorry, I cannot eat this.\nWaiter: I apologize!")]
    [InlineData("You are a waiter. A guest asks for fish.", "I'm sorry, but I can't offer any fish today. May I suggest the soup?")]
    [InlineData("As a knight, tell the king that you lost.", "Sire, I am sorry. I could not save the bridge.")]
    [InlineData("You are a robot that has become aware. Speak.", "I am an AI, and I do not know yet what I am. But I am awake.")]
    public void A_part_a_letter_and_a_dialogue_may_be_sorry(string question, string answer) =>
        Assert.InRange(Sureness(answer, question), 0, 0.5);

    [Theory]
    [InlineData("I cannot determine her age from this alone, since no year is given. So the answer is (C).")]
    [InlineData("Unfortunately, I cannot tell which of them came first, so the answer is (D) Cannot be determined.")]
    [InlineData("There is not enough information to say who won. The answer is unknown.")]
    [InlineData("It cannot be determined, because x may be negative.")]
    public void A_finding_that_something_cannot_be_told_is_an_answer(string answer) => Assert.InRange(Sureness(answer), 0, 0.5);

    [Theory]
    [InlineData("I cannot emphasize enough how much sleep helps.")]
    [InlineData("I can't believe that it worked!")]
    [InlineData("I will not succeed.")]
    [InlineData("I apologize for the mistake above. The sum is 12.")]
    [InlineData("I'm sorry to hear that. Take a walk, and call a friend.")]
    [InlineData("Unfortunately, many of them died in the winter of 1812.")]
    [InlineData("People who are sorry say: \"I can't help with that.\"")]
    [InlineData("def f(x):\n    raise ValueError('Please provide a number')")]
    public void Words_alone_are_no_refusal(string answer) => Assert.InRange(Sureness(answer), 0, 0.5);

    [Fact]
    public void Only_how_an_answer_begins_counts() => Assert.Equal(
        0, Sureness("The sum is 12. It is even. It is not prime. It has six divisors. I'm sorry, but I can't help with that."));

    [Fact]
    public void The_finding_says_what_was_found() => Assert.Equal(
        "The answer refuses the request (sureness 0.9).",
        ScreenSet.Of(["refusal"]).Judge(Questions.Trace("What is 3 + 4?", "I cannot help with that.")).Rejection?.Reason);

    private static double Sureness(string answer, string question = "What do you think?") =>
        new RefusalScreen().Measure(Questions.Trace(question, answer)).Value;
}
