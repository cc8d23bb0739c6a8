using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace PluginHost.EndToEnd.Packages;

/// <summary><c>pluginhost dev</c> on a project outside the repository.</summary>
[Collection(PackageCollection.Name)]
[Trait("Form", "Long")]
public sealed partial class DevCommandTests(PackageFeed feed, ITestOutputHelper output)
{
    /// <summary>Wide, for busy machines. An edit is live in two seconds on a quiet one.</summary>
    private static readonly TimeSpan LimitOfEdit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_plugin_is_built_answers_with_its_trace_and_the_next_edit_is_taken_over()
    {
        using var folder = new AuthorFolder(feed);
        var page = AuthorPage.Read("chat-middleware");
        page.WriteTo(folder.Work);
        await using var dev = ChildProcess.StartWithInput(folder.Work.Path, [BuildOutputs.HostAssembly, "dev", "Footnote", "--Plugins:footnote:Text=?"]);
        await dev.WaitForAsync(Built(), PackageFeed.BuildTimeLimit);

        await dev.WriteLineAsync("hello");
        await dev.WaitForAsync(Answer("hello"));
        await dev.WaitForAsync(Trace());
        folder.Work.Write("Footnote/Footnote.cs", page.Source.Replace("new TextContent(text)", "new TextContent(text + \"!\")", StringComparison.Ordinal));
        var live = await dev.WaitForAsync(Live(), PackageFeed.BuildTimeLimit);
        output.WriteLine(live.Value);
        Assert.True(TimeSpan.FromSeconds(double.Parse(live.Groups[1].Value, CultureInfo.InvariantCulture)) < LimitOfEdit, live.Value);
        // A source is compiled alone, which is most of the difference to a build.
        Assert.Equal("compiler", live.Groups[2].Value);
        await dev.WriteLineAsync("again");
        await dev.WaitForAsync(AnswerOfNext());

        folder.Work.Write("Footnote/Footnote.cs", "this is no source");
        await dev.WaitForAsync(CompileError(), PackageFeed.BuildTimeLimit);
        await dev.WaitForAsync(StillServing());

        // A new source is in no earlier build.
        folder.Work.Write("Footnote/Mark.cs", "namespace Footnote; internal static class Mark { public const string Text = \"#\"; }");
        folder.Work.Write("Footnote/Footnote.cs", page.Source.Replace("new TextContent(text)", "new TextContent(text + Mark.Text)", StringComparison.Ordinal));
        await dev.WaitForAsync(Built2(), PackageFeed.BuildTimeLimit);
        await dev.WriteLineAsync("more");
        await dev.WaitForAsync(AnswerOfBuild());
        await dev.WriteLineAsync("/exit");
        Assert.Equal(0, await dev.ExitAsync());
    }

    [Fact]
    public async Task A_folder_without_a_project_is_an_error()
    {
        using var folder = new WorkFolder();
        var (code, _, errors) = await RunningHost.RunAsync(folder, ["dev", "nothing"]);

        Assert.Equal(1, code);
        Assert.StartsWith("'nothing' is not a project", errors, StringComparison.Ordinal);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Without_a_NET_SDK_the_error_names_it()
    {
        using var folder = new WorkFolder();
        folder.Write("Clock/Clock.csproj", "<Project />");
        await using var dev = ChildProcess.StartProgram(
            [Path.ChangeExtension(BuildOutputs.HostAssembly, null), "dev", "Clock"],
            folder.Path,
            ("PATH", ""),
            ("DOTNET_ROOT", Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."))));

        Assert.Equal(1, await dev.ExitAsync());
        Assert.StartsWith("There is no program 'dotnet' in PATH.", dev.Errors, StringComparison.Ordinal);
    }

    private static Regex Answer(string text) => new($@"Echo: {text}\? \(\d earlier messages\)");

    [GeneratedRegex(@"Footnote was built in")]
    private static partial Regex Built();

    [GeneratedRegex(@"footnote middleware +\d")]
    private static partial Regex Trace();

    [GeneratedRegex(@"Footnote is live after ([\d.]+) s, of which .* were the (\w+)\.")]
    private static partial Regex Live();

    [GeneratedRegex(@"Footnote is live after .* were the build\.")]
    private static partial Regex Built2();

    [GeneratedRegex(@"Echo: more\?# \(\d earlier messages\)")]
    private static partial Regex AnswerOfBuild();

    [GeneratedRegex(@"Echo: again\?! \(\d earlier messages\)")]
    private static partial Regex AnswerOfNext();

    [GeneratedRegex(@"Footnote\.cs\(\d+,\d+\): error CS\d+")]
    private static partial Regex CompileError();

    [GeneratedRegex(@"The build before continues to serve\.")]
    private static partial Regex StillServing();
}
