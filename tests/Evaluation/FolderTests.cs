using Orca.Tests.Shared;

namespace Orca.Evaluation.Tests;

/// <summary>The folders of the room depend one way.</summary>
public class FolderTests
{
    private static readonly FolderOrder Room = new(
        "Evaluation", "Statistics", "Suites", "Protocols", "Certificate", "Judges", "Subjects", "Runs", "Recordings", "Reports",
        "Experiments");

    [Fact]
    public void No_folder_names_one_that_stands_after_it() => Assert.Empty(Room.Faults());

    [Fact]
    public void Every_folder_has_its_place_in_the_order() => Assert.Equal(Room.Named, Room.Found);
}
