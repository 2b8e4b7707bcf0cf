using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies TorchSharp's native library with its need of GLIBCXX_3.4.32 lifted, so that it loads on systems whose
/// libstdc++ stops at 3.4.30 (Debian 12, Ubuntu 22.04, RHEL 9) as well as on newer ones.
/// </summary>
/// <remarks>
/// One undefined symbol alone carries that version, std::ios_base_library_init, which does nothing but force the
/// iostream initialiser to be linked. Three edits: the version need becomes weak, the symbol is bound to libc's
/// rand (a harmless function without arguments), and its version entry becomes "global, unversioned".
/// </remarks>
public class LowerGlibcxxNeed : Task
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";
    private const string Stand = "rand";

    [Required] public string Source { get; set; }
    [Required] public string Destination { get; set; }
    [Required] public string Sha256 { get; set; }

    public override bool Execute()
    {
        var source = new FileInfo(Source);
        if (!source.Exists)
        {
            Log.LogError("'{0}' is missing; run 'dotnet restore' first.", Source);
            return false;
        }

        var destination = new FileInfo(Destination);
        if (destination.Exists && destination.Length == source.Length && destination.LastWriteTimeUtc >= source.LastWriteTimeUtc)
        {
            return true;
        }

        var image = File.ReadAllBytes(Source);
        if (!HasDigest(image))
        {
            Log.LogError("'{0}' is not the library of TorchSharp 0.107.0 that this edit was made for. If its replacement still needs {1}, adapt build/LowerGlibcxxNeed.cs; if not, remove the edit from build/LibTorch.targets.", Source, Version);
            return false;
        }

        try
        {
            Edit(image);
        }
        catch (InvalidDataException e)
        {
            Log.LogError("'{0}' cannot be edited: {1}", Source, e.Message);
            return false;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination)));
        var half = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(half, image);
        File.Delete(Destination);
        File.Move(half, Destination);
        return true;
    }

    private bool HasDigest(byte[] image)
    {
        using (var sha = SHA256.Create())
        {
            return BitConverter.ToString(sha.ComputeHash(image)).Replace("-", "").Equals(Sha256, StringComparison.OrdinalIgnoreCase);
        }
    }

    // ELF64 little endian: section headers of 64 bytes, symbols of 24, Verneed and Vernaux of 16.
    private static void Edit(byte[] image)
    {
        var symbols = FindSection(image, ".dynsym");
        var strings = FindSection(image, ".dynstr");
        var versions = FindSection(image, ".gnu.version");
        var needs = FindSection(image, ".gnu.version_r");

        var auxiliary = FindNeed(image, needs, strings);
        var index = BitConverter.ToUInt16(image, auxiliary + 6);
        var symbol = FindSymbol(image, symbols, strings, versions, index);

        image[auxiliary + 4] |= 2; // vna_flags |= VER_FLG_WEAK
        WriteUInt32(image, symbols.Offset + 24 * symbol, (uint)FindString(image, strings, Stand)); // st_name
        image[versions.Offset + 2 * symbol] = 1;
        image[versions.Offset + 2 * symbol + 1] = 0;
    }

    private static int FindNeed(byte[] image, Section needs, Section strings)
    {
        for (int need = needs.Offset, next; ; need += next)
        {
            var count = BitConverter.ToUInt16(image, need + 2);
            var auxiliary = need + (int)BitConverter.ToUInt32(image, need + 8);
            for (var i = 0; i < count; i++)
            {
                if (ReadString(image, strings.Offset + (int)BitConverter.ToUInt32(image, auxiliary + 8)) == Version)
                {
                    return auxiliary;
                }

                auxiliary += (int)BitConverter.ToUInt32(image, auxiliary + 12);
            }

            next = (int)BitConverter.ToUInt32(image, need + 12);
            if (next == 0)
            {
                throw new InvalidDataException("it does not need " + Version + ", so the edit is no longer wanted.");
            }
        }
    }

    private static int FindSymbol(byte[] image, Section symbols, Section strings, Section versions, ushort version)
    {
        var found = -1;
        for (var i = 0; i < symbols.Length / 24; i++)
        {
            if ((BitConverter.ToUInt16(image, versions.Offset + 2 * i) & 0x7fff) != version)
            {
                continue;
            }

            var name = ReadString(image, strings.Offset + (int)BitConverter.ToUInt32(image, symbols.Offset + 24 * i));
            if (name != Symbol || found >= 0)
            {
                throw new InvalidDataException("more than " + Symbol + " carries " + Version + " ('" + name + "').");
            }

            found = i;
        }

        return found >= 0 ? found : throw new InvalidDataException("no symbol carries " + Version + ".");
    }

    private static int FindString(byte[] image, Section strings, string text)
    {
        var wanted = Encoding.ASCII.GetBytes(text + "\0");
        for (var i = 0; i <= strings.Length - wanted.Length; i++)
        {
            var j = 0;
            while (j < wanted.Length && image[strings.Offset + i + j] == wanted[j])
            {
                j++;
            }

            if (j == wanted.Length)
            {
                return i;
            }
        }

        throw new InvalidDataException("no string of its table ends in '" + text + "'.");
    }

    private static Section FindSection(byte[] image, string name)
    {
        var headers = (int)BitConverter.ToUInt64(image, 40);
        var count = BitConverter.ToUInt16(image, 60);
        var names = SectionAt(image, headers + 64 * BitConverter.ToUInt16(image, 62));
        for (var i = 0; i < count; i++)
        {
            var header = headers + 64 * i;
            if (ReadString(image, names.Offset + (int)BitConverter.ToUInt32(image, header)) == name)
            {
                return SectionAt(image, header);
            }
        }

        throw new InvalidDataException("it has no section " + name + ".");
    }

    private static Section SectionAt(byte[] image, int header)
    {
        return new Section { Offset = (int)BitConverter.ToUInt64(image, header + 24), Length = (int)BitConverter.ToUInt64(image, header + 32) };
    }

    private static string ReadString(byte[] image, int offset)
    {
        return Encoding.ASCII.GetString(image, offset, Array.IndexOf(image, (byte)0, offset) - offset);
    }

    private static void WriteUInt32(byte[] image, int offset, uint value)
    {
        BitConverter.GetBytes(value).CopyTo(image, offset);
    }

    private struct Section
    {
        public int Offset;
        public int Length;
    }
}
