using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Plugins.PluginCompiler;

namespace PluginHost.Tests.Plugins;

/// <summary>Options that check themselves: the same errors by <c>check</c> and by a start.</summary>
public sealed class ValidationTests : IDisposable
{
    private readonly PluginFixture _fixture = new();

    public ValidationTests() => _fixture.Compile("Checked", $$"""
        using System.ComponentModel.DataAnnotations;
        [assembly: Plugin("checked", typeof(Reader), Options = typeof(Settings))]
        public sealed record Settings(int Low = 1, int High = 2, string Does = "") : IValidatableObject
        {
            public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
            {
                if (Does == "throw") throw new InvalidOperationException("The check is broken.");
                if (Does == "hang") new ManualResetEventSlim().Wait();
                if (Low > High) yield return new("Low is above High.", ["Low", "High:0"]);
                if (Low > 5) yield return new("The sum is odd.");
            }
        }
        public sealed class Reader : IContextProvider
        {
            public Reader(Settings settings) { if (settings.Low > settings.High) throw new InvalidOperationException("It was made."); }
            {{Provides}}
        }
        """);

    public void Dispose() => _fixture.Dispose();

    private async Task<IReadOnlyList<string>> CheckAsync(HostSetup setup) =>
        [.. (await OptionsCheck.FindErrorsAsync(setup, _fixture.Caller)).Select(e => e.ToString())];

    private async Task<IReadOnlyList<string>> StartAsync(HostSetup setup)
    {
        var scope = _fixture.Activator.Begin(setup.Catalog);
        foreach (var entry in setup.Loaded.Draft!.Agents["a"].Chain) await scope.ActivateAsync(entry, "a");
        return [.. scope.Errors.Select(e => e.ToString())];
    }

    [Fact]
    public async Task Check_and_a_start_find_the_same_with_paths()
    {
        var file = Path.Combine(_fixture.PluginFolder, "Checked", "Checked.dll");
        var setup = _fixture.LoadChain("""{ "Plugin": "checked", "Options": { "Low": 6 } }, { "Plugin": "checked", "Name": "good" }""");
        Assert.Empty(setup.Errors);

        var checkedErrors = await CheckAsync(setup);

        Assert.Equal(
            [
                $"Agents:a:Chain:0:Options:Low: Plugin 'checked' ({file}): Low is above High.",
                $"Agents:a:Chain:0:Options:High:0: Plugin 'checked' ({file}): Low is above High.",
                $"Agents:a:Chain:0:Options: Plugin 'checked' ({file}): The sum is odd.",
            ],
            checkedErrors);
        Assert.Equal(checkedErrors, await StartAsync(setup));
    }

    [Fact]
    public async Task An_exception_and_a_hang_are_named_in_time()
    {
        var setup = _fixture.LoadChain("""
            { "Plugin": "checked", "Options": { "Does": "throw" } }, { "Plugin": "checked", "Name": "slow", "Host": { "Timeout": "200ms" }, "Options": { "Does": "hang" } }
            """);

        var errors = await CheckAsync(setup).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(2, errors.Count);
        Assert.Contains("The check of the options of plugin 'checked'", errors[0], StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: The check is broken.", errors[0], StringComparison.Ordinal);
        Assert.StartsWith("Agents:a:Chain:1: The check of the options of plugin 'checked'", errors[1], StringComparison.Ordinal);
        Assert.Contains("took too long", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_that_are_not_pinned_are_not_run()
    {
        var setup = _fixture.Load("""
            { "Agents": { "a": { "Chain": [ { "Plugin": "checked", "Options": { "Low": 3 } } ] } },
              "PluginTrust": { "Sha256": [ "0000000000000000000000000000000000000000000000000000000000000000" ] } }
            """);

        Assert.Empty(await CheckAsync(setup));
    }

    [Fact]
    public async Task The_shipped_plugins_are_checked_without_being_started()
    {
        var file = _fixture.Write("data/file", "");
        _fixture.Write("data/folder/x", "");
        var setup = HostSetup.Load(
            _fixture.Write("config/appsettings.json", """
                {
                  "Agents": { "a": { "Chain": [
                    { "Plugin": "redaction", "Options": { "Mask": [ "emial" ], "Patterns": [ { "Name": "p", "Regex": "a+", "MaxLength": 5 } ] } },
                    { "Plugin": "sqlite-history", "Options": { "Path": "data/file/s.db" } },
                    { "Plugin": "file-history", "Host": { "Load": false }, "Options": { "Path": "data/file" } } ] } },
                  "Sessions": { "Store": { "Plugin": "sqlite-sessions", "Options": { "Path": "data/folder" } } }
                }
                """),
            new Dictionary<string, string>(), [], new HostPaths(_fixture.Folder, OutcomeSetup.HostFolder));

        var errors = setup.Errors.Select(e => e.ToString()).Concat(await CheckAsync(setup)).ToList();

        Assert.Equal(5, errors.Count);
        Assert.Contains(errors, e => e.StartsWith("Agents:a:Chain:0:Options:Mask: ", StringComparison.Ordinal) && e.Contains("unknown value 'emial'", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.StartsWith("Agents:a:Chain:0:Options:Patterns:0:Regex: ", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.StartsWith("Agents:a:Chain:1:Options:Path: ", StringComparison.Ordinal) && e.Contains($"which is below the file '{file}'. Allowed: a file that the host can write or create.", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.StartsWith("Agents:a:Chain:2:Options:Path: ", StringComparison.Ordinal) && e.Contains("which is a file", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.StartsWith("Sessions:Store:Options:Path: ", StringComparison.Ordinal) && e.Contains("which is a folder", StringComparison.Ordinal));
    }
}
