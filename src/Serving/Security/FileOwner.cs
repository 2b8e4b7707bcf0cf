using System.Runtime.InteropServices;

namespace Orca.Serving.Security;

/// <summary>Whose a file is. On Linux; elsewhere nothing is known of it.</summary>
/// <param name="User">Number of the user.</param>
/// <param name="Group">Number of the group.</param>
/// <param name="IsRegular">Whether it is a file like any other, and no device, pipe or socket.</param>
internal readonly partial record struct FileOwner(uint User, uint Group, bool IsRegular)
{
    private const int CurrentFolder = -100;
    private const uint BasicFacts = 0x7ff;
    private const int KindMask = 0xf000;
    private const int RegularKind = 0x8000;

    /// <summary>Whose a file is; null where that cannot be told.</summary>
    /// <param name="path">The file; a link is followed.</param>
    public static FileOwner? Of(string path)
    {
        // struct statx: user at byte 20, group at 24, kind and mode at 28.
        var facts = new byte[256];
        return OperatingSystem.IsLinux() && Statx(CurrentFolder, path, 0, BasicFacts, facts) == 0
            ? new FileOwner(
                BitConverter.ToUInt32(facts, 20), BitConverter.ToUInt32(facts, 24),
                (BitConverter.ToUInt16(facts, 28) & KindMask) == RegularKind)
            : null;
    }

    /// <summary>Makes a file this one's.</summary>
    /// <returns>Whether the system allowed it.</returns>
    public bool Take(string path) => Of(path) is { } now && ((now.User, now.Group) == (User, Group) || ChangeOwner(path, User, Group) == 0);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte[] facts);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
