using PluginHost.Architecture.Rules;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture;

/// <summary>What may not be named or declared.</summary>
public sealed class SymbolRuleTests
{
    private static IEnumerable<SourceProject> Inner => [Solution.Engine, Solution.Host];

    [Fact]
    public void Nothing_in_engine_and_host_is_public() => Verdict.Check(Inner.SelectMany(SymbolRules.PublicTypes));

    [Fact]
    public void No_type_is_named_manager_helper_or_utils() => Verdict.Check(Solution.Projects.SelectMany(SymbolRules.EmptyNames));

    [Fact]
    public void Only_the_telemetry_folder_of_the_host_names_spans_and_metrics() => Verdict.Check(Inner.SelectMany(SymbolRules.Telemetry));

    /// <summary>The analyzer for banned symbols says so too, but is off in the telemetry folder.</summary>
    [Fact]
    public void Time_comes_from_the_time_provider() => Verdict.Check(Solution.Projects.SelectMany(SymbolRules.WallClocks));

    [Fact]
    public void A_public_type_is_found() =>
        Assert.Equal(
            ["Engine/A.cs makes A public", "Engine/A.cs makes D public", "Engine/A.cs makes E public"],
            SymbolRules.PublicTypes(Snippet.Engine("A.cs", "public class A { public class Inner; } class B { public class Inner; } public enum E { } public delegate void D();")).Order());

    [Fact]
    public void A_name_that_says_nothing_is_found() =>
        Assert.Equal(
            ["Engine/A.cs declares MessageUtils", "Engine/A.cs declares RunManager"],
            SymbolRules.EmptyNames(Snippet.Engine("A.cs", "class RunManager; class Run { class MessageUtils; }")).Order());

    [Theory]
    [InlineData("object? o = System.Diagnostics.Activity.Current;", "Activity")]
    [InlineData("System.Diagnostics.ActivitySource? o = null;", "ActivitySource")]
    [InlineData("object o = new System.Diagnostics.Metrics.Meter(\"m\");", "Meter")]
    [InlineData("object o = typeof(OpenTelemetry.Sdk);", "Sdk")]
    public void Telemetry_outside_of_its_folder_is_found(string member, string name)
    {
        var project = Snippet.Engine([("Runs/A.cs", $"class A {{ {member} }}"), ("Telemetry/B.cs", $"class B {{ {member} }}")]);

        Assert.Equal([$"Engine/Runs/A.cs uses {name}"], SymbolRules.Telemetry(project));
    }

    [Theory]
    [InlineData("_ = DateTime.Now;", "DateTime.Now")]
    [InlineData("_ = DateTimeOffset.UtcNow;", "DateTimeOffset.UtcNow")]
    [InlineData("Thread.Sleep(1);", "Thread.Sleep")]
    [InlineData("_ = Task.Delay(1);", "Task.Delay")]
    public void A_clock_that_tests_cannot_move_is_found(string statement, string name) =>
        Assert.Equal(
            [$"Engine/A.cs uses {name}"],
            SymbolRules.WallClocks(Snippet.Engine("A.cs", $"class A {{ void M() {{ {statement} _ = Task.Delay(TimeSpan.Zero, TimeProvider.System); }} }}")));
}
