using System.Collections.Immutable;
using Orca.Model.Embedded;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Streams.Curricula.Lessons;
using Orca.Tests.Shared;
using Orca.Training.Packing;

namespace Orca.Training.Tests.Loss;

/// <summary>
/// What of a lesson is learned: its answer and the token that ends it, once, behind the prompt that the student is asked with.
/// </summary>
public sealed class TaughtLessonTests
{
    public static TheoryData<string> Templates => TaughtTemplates.Names;

    [Theory]
    [MemberData(nameof(Templates))]
    public void Every_accepted_lesson_trains_its_stop_token_exactly_once_and_last(string name)
    {
        var (template, tokenizer) = TaughtTemplates.Of(name);
        var stops = template.StopIds(tokenizer);
        var lessons = TaughtLessons.Of(name);
        var packer = new LessonPacker(new PackingOptions(200, 4, tokenizer.VocabularySize));
        lessons.ForEach(lesson => Assert.Null(packer.Offer(lesson)));

        var batch = packer.Pack(100)!;

        Assert.Equal(lessons.Count, batch.Targets().Tokens.Count(token => stops.Contains((int)token)));
        var learned = Learned(batch);
        Assert.Equal(lessons.Count, learned.Count);
        Assert.All(learned, one => Assert.Contains((int)one[^1], stops));
        Assert.Equal(
            lessons.Select(lesson => string.Join(',', lesson.AnswerTokens)).Order(StringComparer.Ordinal),
            learned.Select(one => string.Join(',', one)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_prompt_bears_no_loss_and_is_the_one_that_the_student_is_asked_with(string name)
    {
        var (template, tokenizer) = TaughtTemplates.Of(name);
        Assert.All(TaughtLessons.Answers, answer =>
        {
            var (prompt, taught) = new TemplateLessonEncoder(template, tokenizer).Encode("Be brief.", answer, answer);
            Assert.Equal(template.Prompt(tokenizer, "Be brief.", answer), prompt);

            var lesson = Lessons.Of(0, 0) with { PromptTokens = prompt, AnswerTokens = taught };
            var batch = PackedBatch.Of([[lesson]], lesson.Length);
            Assert.All(batch.Weights.Take(prompt.Length), weight => Assert.Equal(0, weight));
            Assert.All(batch.Weights.Skip(prompt.Length), weight => Assert.Equal(1, weight));
            Assert.Equal(prompt.Length - 1, batch.Targets().Predictors[0]);
        });
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void What_is_learned_reads_as_the_answer_whatever_it_begins_with(string name)
    {
        var (template, tokenizer) = TaughtTemplates.Of(name);
        Assert.All(TaughtLessons.Answers, answer => AssertReadsAsTaught(template, tokenizer, answer));
    }

    [Fact]
    public void With_the_embedded_student_s_vocabulary_it_is_the_same() => Assert.All(
        TaughtLessons.Answers, answer => AssertReadsAsTaught(EmbeddedStudent.Template, EmbeddedStudent.Tokenizer, answer));

    // A space before the first word, digits by themselves, bytes for characters without a piece, 32,000 pieces.
    [Fact]
    public void With_LLaMAs_own_vocabulary_it_is_the_same()
    {
        var tokenizer = TokenizerFolder.OpenFile(SharedData.Require("tokenizers/llama/tokenizer.model"));
        Assert.Equal(32_000, tokenizer.VocabularySize);
        Assert.All(TaughtLessons.Answers, answer =>
        {
            AssertReadsAsTaught(PromptTemplates.Headings, tokenizer, answer);
            AssertReadsAsTaught(PromptTemplates.Raw, tokenizer, answer);
        });
    }

    [Fact]
    public void A_lesson_whose_answer_would_be_cut_is_refused_and_counted_and_one_that_just_fits_is_learned_to_its_stop_token()
    {
        var lesson = Lessons.Of(6, 10, seed: 1);
        var packer = new LessonPacker(new PackingOptions(15, 1, 50));
        Assert.Equal(LessonRefusal.TooLong, packer.Offer(lesson));
        Assert.Null(packer.Pack(1));
        Assert.Equal((1, 1), (packer.Taken, packer.Refused[LessonRefusal.TooLong]));

        packer = new LessonPacker(new PackingOptions(16, 1, 50));
        Assert.Null(packer.Offer(lesson));
        Assert.Equal(lesson.AnswerTokens.Select(token => (long)token), packer.Pack(1)!.Targets().Tokens);
        Assert.Empty(packer.Refused);
    }

    [Fact]
    public void A_lesson_that_bears_no_loss_at_all_is_refused_and_counted()
    {
        var packer = new LessonPacker(new PackingOptions(16, 1, 50));

        Assert.Equal(LessonRefusal.NoAnswer, packer.Offer(Lessons.Of(4, 0)));
        Assert.Equal(LessonRefusal.NoWeight, packer.Offer(Lessons.Of(4, 4, weight: 0)));

        Assert.Equal((2, 2), (packer.Taken, packer.Refused.Values.Sum()));
        Assert.Null(packer.Pack(1));
    }

    // [PAD] was given the id 32,000 of a vocabulary of 32,000: beyond the embedding of whoever did not add a row for it.
    [Fact]
    public void Padding_needs_no_token_of_its_own_and_one_beyond_the_vocabulary_is_refused()
    {
        const int Vocabulary = 32_000;
        var packer = new LessonPacker(new PackingOptions(16, 1, Vocabulary));

        Assert.Equal(LessonRefusal.UnknownToken, packer.Offer(Lessons.Of(2, 2) with { PromptTokens = [1, Vocabulary] }));
        Assert.Null(packer.Offer(Lessons.Of(2, 3, vocabulary: Vocabulary) with { AnswerTokens = [5, 6, Vocabulary - 1] }));

        var batch = packer.Pack(1)!;
        Assert.All(batch.Tokens, token => Assert.InRange(token, 0, Vocabulary - 1));
        Assert.Equal([5L, 6, Vocabulary - 1], batch.Targets().Tokens);
    }

    private static void AssertReadsAsTaught(PromptTemplate template, ITokenizer tokenizer, string answer)
    {
        var (prompt, taught) = template.Lesson(tokenizer, "Be brief.", "Why?", answer);
        var decoder = template.StartAnswer(tokenizer, Conversation.Of("Be brief.", "Why?"), prompt.AsSpan());
        var read = string.Concat(taught[..^1].Select(decoder.Push)) + decoder.Flush();

        // A text that goes on is read with the space that SentencePiece puts before it.
        var goesOn = template is SectionTemplate { Continues: true };
        Assert.Equal(goesOn && tokenizer.BytesOf(tokenizer.Encode("a")[0]) is [(byte)' ', ..] ? " " + answer : answer, read);
    }

    // The targets of each lesson, in order.
    private static List<ImmutableArray<long>> Learned(PackedBatch batch)
    {
        var targets = batch.Targets();
        return [.. targets.Predictors.Zip(targets.Tokens)
            .GroupBy(pair => (Row: pair.First / batch.RowLength, Segment: batch.Segments[(int)pair.First]))
            .Select(group => group.Select(pair => pair.Second).ToImmutableArray())];
    }
}
