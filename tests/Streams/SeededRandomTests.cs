namespace Orca.Streams.Tests;

public sealed class SeededRandomTests
{
    [Fact]
    public void Its_numbers_are_those_of_the_published_generator()
    {
        var random = new SeededRandom(1234567);

        Assert.Equal(
            [6457827717110365317UL, 3203168211198807973, 9817491932198370423, 4593380528125082431],
            Enumerable.Range(0, 4).Select(_ => random.NextBits()));
    }

    [Fact]
    public void Its_state_is_all_there_is_to_save()
    {
        var random = SeededRandom.Of(1, 2, 3);
        random.NextBits();
        var other = new SeededRandom(random.State);

        Assert.Equal(random.NextDouble(), other.NextDouble());
        Assert.NotEqual(SeededRandom.Of(1, 2).State, SeededRandom.Of(2, 1).State);
    }

    [Fact]
    public void Draws_are_even_and_shuffles_lose_nothing()
    {
        var random = new SeededRandom(5);
        var counts = new int[7];
        for (var draw = 0; draw < 70_000; draw++)
        {
            counts[random.Next(7)]++;
            Assert.InRange(random.NextDouble(), 0, 1 - 1e-16);
        }

        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
        var items = Enumerable.Range(0, 100).ToArray();
        random.Shuffle(items);
        Assert.NotEqual(Enumerable.Range(0, 100), items);
        Assert.Equal(Enumerable.Range(0, 100), items.Order());
    }
}
