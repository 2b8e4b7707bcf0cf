using Orca.Tests.Shared;

namespace Orca.Streams.Tests;

/// <summary>The folders of the room depend one way; collecting and curricula meet on the bus alone.</summary>
public class FolderTests
{
    private static readonly FolderOrder Room = new(
        "Streams", "Answers", "Tasks", "Sieves", "Teachers", "Screening", "Scoring", "Storage", "Bus", "Collecting", "Curricula");

    [Fact]
    public void No_folder_names_one_that_stands_after_it() => Assert.Empty(Room.Faults(("Curricula", "Collecting")));

    [Fact]
    public void Every_folder_has_its_place_in_the_order() => Assert.Equal(Room.Named, Room.Found);
}
