using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orca.Serving.Security;

/// <summary>
/// The right to change files of a folder, held by one holder at a time, in this process or another, until it is disposed or its
/// process ends, however that ends. Nothing is left in the folder. On Linux and macOS; elsewhere it keeps nobody away.
/// </summary>
internal sealed partial class FolderLock : IDisposable
{
    private const int ReadOnly = 0;
    private const int Exclusive = 2;
    private const int AtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly SafeFileHandle? handle;

    private FolderLock(SafeFileHandle? handle) => this.handle = handle;

    /// <summary>Takes it, and waits ten seconds at most for whoever holds it.</summary>
    /// <exception cref="IOException">The folder cannot be opened or locked, or somebody holds it all the time.</exception>
    public static FolderLock Take(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return new FolderLock(null);
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"folder '{folder}': {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (Lock(handle, Exclusive | AtOnce) != 0)
        {
            var (error, reason) = (Marshal.GetLastPInvokeError(), Marshal.GetLastPInvokeErrorMessage());
            if (!IsHeld(error) || Environment.TickCount64 >= until)
            {
                handle.Dispose();
                throw new IOException(IsHeld(error) ? $"another process has been changing files of folder '{folder}' for ten "
                    + "seconds" : $"folder '{folder}' cannot be locked: {reason}");
            }

            Thread.Sleep(Pause);
        }

        return new FolderLock(handle);
    }

    /// <summary>Forces the folder's names to the disk.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void Flush()
    {
        if (handle is not null && Sync(handle) != 0)
        {
            throw new IOException($"the folder's names cannot be flushed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Lets the next one in.</summary>
    public void Dispose() => handle?.Dispose();

    // EWOULDBLOCK: 11 on Linux, 35 on macOS.
    private static bool IsHeld(int error) => error == (OperatingSystem.IsLinux() ? 11 : 35);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle descriptor);
}
