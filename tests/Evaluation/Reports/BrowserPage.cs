using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Evaluation.Tests.Reports;

/// <summary>A page of a browser, used as its reader would.</summary>
internal sealed class BrowserPage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DevTools tools;
    private readonly string session;
    private int earlier;

    private BrowserPage(DevTools tools, string session) => (this.tools, this.session) = (tools, session);

    /// <summary>From the call to the page's load event.</summary>
    public TimeSpan Opening { get; private set; }

    /// <summary>Addresses that the page asked for.</summary>
    public IEnumerable<string> Requests => Events("Network.requestWillBeSent")
        .Select(happened => happened.GetProperty("request").GetProperty("url").GetString()!);

    /// <summary>Errors of scripts, of the console and of the page's policy.</summary>
    public IEnumerable<string> Errors =>
    [
        .. Events("Runtime.exceptionThrown").Select(thrown => thrown.ToString()),
        .. Events("Runtime.consoleAPICalled").Where(called => called.GetProperty("type").GetString() is "error" or "warning")
            .Select(called => called.ToString()),
        .. Events("Log.entryAdded").Select(added => added.GetProperty("entry"))
            .Where(entry => entry.GetProperty("level").GetString() is "error" or "warning").Select(entry => entry.ToString()),
    ];

    /// <summary>Makes an empty page.</summary>
    public static async Task<BrowserPage> StartAsync(DevTools tools)
    {
        var made = await tools.CallAsync("Target.createTarget", new() { ["url"] = "about:blank" }, null);
        var target = made.GetProperty("targetId").GetString()!;
        var attached = await tools.CallAsync("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }, null);
        var page = new BrowserPage(tools, attached.GetProperty("sessionId").GetString()!);
        foreach (var domain in new[] { "Page", "Network", "Runtime", "Log" })
        {
            await page.CallAsync($"{domain}.enable");
        }

        await page.SizeAsync(1400, 1000);
        return page;
    }

    /// <summary>Goes to an address and waits until it is loaded.</summary>
    /// <param name="address">The address.</param>
    /// <param name="colours">The colours that its reader prefers: light or dark.</param>
    public async Task GoAsync(Uri address, string colours)
    {
        await CallAsync("Emulation.setEmulatedMedia", new()
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = colours }),
        });
        await EvaluateAsync("window.isLeft = true");
        earlier = tools.Events.Count();
        var began = Stopwatch.GetTimestamp();
        var begun = await CallAsync("Page.navigate", new() { ["url"] = address.AbsoluteUri });
        Assert.False(begun.TryGetProperty("errorText", out var refused), $"The page does not open: {refused}");
        await WaitAsync("!window.isLeft && document.readyState === 'complete'");
        Opening = Stopwatch.GetElapsedTime(began);
    }

    /// <summary>What an expression is in the page.</summary>
    /// <exception cref="InvalidOperationException">It throws there.</exception>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var result = await CallAsync(
            "Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        return result.TryGetProperty("exceptionDetails", out var thrown)
            ? throw new InvalidOperationException(thrown.ToString())
            : result.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>A text that an expression is in the page.</summary>
    public async Task<string> TextAsync(string expression) => (await EvaluateAsync(expression)).GetString()!;

    /// <summary>Texts that an expression is in the page.</summary>
    public async Task<List<string>> TextsAsync(string expression) =>
        [.. (await EvaluateAsync(expression)).EnumerateArray().Select(text => text.GetString()!)];

    /// <summary>Waits until an expression is true in the page.</summary>
    public async Task WaitAsync(string condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while ((await EvaluateAsync(condition)).ValueKind != JsonValueKind.True)
        {
            Assert.False(patience.IsCancellationRequested, $"It never came true: {condition}");
            await Task.Delay(10);
        }
    }

    /// <summary>Presses a key where the focus is.</summary>
    public async Task PressAsync(string key, int code, string? text = null)
    {
        foreach (var type in new[] { "keyDown", "keyUp" })
        {
            await CallAsync("Input.dispatchKeyEvent", new()
            {
                ["type"] = type,
                ["key"] = key,
                ["code"] = key,
                ["windowsVirtualKeyCode"] = code,
                ["text"] = type == "keyDown" ? text ?? "" : "",
            });
        }
    }

    /// <summary>Types a text where the focus is.</summary>
    public Task TypeAsync(string text) => CallAsync("Input.insertText", new() { ["text"] = text });

    /// <summary>Gives the page a size in pixels.</summary>
    public Task SizeAsync(int width, int height) => CallAsync("Emulation.setDeviceMetricsOverride", new()
    {
        ["width"] = width,
        ["height"] = height,
        ["deviceScaleFactor"] = 1,
        ["mobile"] = false,
    });

    /// <summary>The page as it is seen, as PNG.</summary>
    public async Task<byte[]> PictureAsync() =>
        (await CallAsync("Page.captureScreenshot", new() { ["format"] = "png" })).GetProperty("data").GetBytesFromBase64();

    private Task<JsonElement> CallAsync(string method, JsonObject? parameters = null) =>
        tools.CallAsync(method, parameters ?? [], session);

    private IEnumerable<JsonElement> Events(string method) =>
        tools.Events.Skip(earlier).Where(happened => happened.Session == session && happened.Method == method)
            .Select(happened => happened.Parameters);
}
