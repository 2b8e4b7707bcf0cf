using System.Collections.Concurrent;
using System.Diagnostics;
using Orca.Evaluation.Tests.Reports;

[assembly: AssemblyFixture(typeof(Browser))]

namespace Orca.Evaluation.Tests.Reports;

/// <summary>
/// A headless Chromium with a profile of its own, started by the first page that is opened. Tests skip where there is none.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    /// <summary>Collection of the tests that share its one page, and so run one after the other.</summary>
    public const string Readers = "readers of the browser's page";

    // A busy machine takes tens of seconds to start one.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string profile = Directory.CreateTempSubdirectory("orca-chromium-").FullName;
    private readonly Lazy<Task<BrowserPage>> page;
    private DevTools? tools;
    private Process? process;

    /// <summary>Starts nothing yet.</summary>
    public Browser() => page = new(StartAsync);

    /// <summary>
    /// Opens a file in the one page that there is, and waits until it is loaded. On a busy machine a second page at times waited a minute
    /// before it went anywhere.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="colours">The colours that its reader prefers: light or dark.</param>
    internal async Task<BrowserPage> OpenAsync(string path, string colours = "light")
    {
        Assert.SkipWhen(Find() is null, "there is no Chromium; on Debian 'apt-get install chromium' brings it");
        var opened = await page.Value;
        await opened.GoAsync(new Uri(path), colours);
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        if (tools is not null)
        {
            await tools.DisposeAsync();
        }

        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
            // A process of the browser that is still ending wrote into it; it lies among the system's temporary files.
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    private async Task<BrowserPage> StartAsync()
    {
        process = new Process { StartInfo = new ProcessStartInfo(Find()!, Arguments(profile)) { RedirectStandardError = true } };
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new ConcurrentQueue<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            said.Enqueue(line.Data ?? "It ended.");
            if (line.Data?.Split("DevTools listening on ") is [_, var listening])
            {
                address.TrySetResult(new Uri(listening));
            }
            else if (line.Data is null)
            {
                address.TrySetException(new InvalidOperationException(string.Join('\n', said)));
            }
        };
        process.Start();
        process.BeginErrorReadLine();
        tools = await DevTools.ConnectAsync(await address.Task.WaitAsync(Patience));
        return await BrowserPage.StartAsync(tools);
    }

    // Its sandbox does not work for root, as whom tests often run; the pages are this repository's own. Pages that nobody looks at would
    // be run at low priority, which on a busy machine is not at all.
    private static string[] Arguments(string profile) =>
    [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-extensions", "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding", "--hide-scrollbars", "--remote-debugging-port=0",
        $"--user-data-dir={profile}", "about:blank",
    ];
}
