using Microsoft.Extensions.AI;
using PluginHost.Cli.Remote;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;
using Spectre.Console;

namespace PluginHost.Tests.Cli;

public sealed class ChatTests
{
    [Fact]
    public async Task Lines_are_answered_on_one_session()
    {
        var model = new ScriptedModel(_ => ScriptedModel.Say("hel", "lo"), _ => ScriptedModel.Say("again"));
        await using var host = await ApiHost.StartAsync(model);
        var (code, shown) = await ChatAsync(host.Address, "hi\n\n/session\nmore\n/exit\nnever\n");
        Assert.Equal(0, code);
        Assert.Contains("hello\n", shown);
        Assert.Contains("ses_", shown);
        Assert.Equal(["user: hi", "assistant: hello", "user: more"], model.Sent(1));
        Assert.Equal(2, model.Calls.Count);
    }

    [Fact]
    public async Task A_named_session_is_gone_on_with()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);
        await ChatAsync(host.Address, "one", session: "s1");
        await ChatAsync(host.Address, "two", session: "s1", agent: "assistant");
        Assert.Equal(["user: one", "assistant: hello", "user: two"], model.Sent(1));
    }

    [Fact]
    public async Task A_failed_run_is_shown_and_makes_the_exit_code_1()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => ScriptedModel.Break("par"), _ => ScriptedModel.Say("fine")));
        var (code, shown) = await ChatAsync(host.Address, "one\ntwo\n");
        Assert.Equal(1, code);
        Assert.Contains("The model failed: System.InvalidOperationException", shown);
        Assert.Contains("fine", shown);
    }

    [Fact]
    public async Task What_the_host_refuses_is_shown_with_its_cure()
    {
        await using var host = await ApiHost.StartAsync();
        var (code, shown) = await ChatAsync(host.Address, "hi", agent: "unknown");
        Assert.Equal(1, code);
        Assert.Contains("There is no agent 'unknown'", shown);
    }

    [Fact]
    public async Task Tool_calls_are_shown()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(
            _ => new[]
            {
                new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c", "look")]) { MessageId = "1" },
                new ChatResponseUpdate(ChatRole.Tool, [new FunctionResultContent("c", "seen")]) { MessageId = "2" },
                new ChatResponseUpdate(ChatRole.Assistant, "there") { MessageId = "3" },
            }.ToAsyncEnumerable()));
        var (_, shown) = await ChatAsync(host.Address, "hi");
        Assert.Contains("look", shown);
        Assert.Contains("there", shown);
    }

    [Fact]
    public async Task What_controls_a_terminal_does_not_reach_it()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("a\u001b[2Jb"));
        var (_, shown) = await ChatAsync(host.Address, "hi");
        Assert.DoesNotContain('\u001b', shown);
        Assert.Contains("[2Jb", shown);
    }

    [Fact]
    public async Task Without_a_host_the_chat_says_how_to_start_one()
    {
        await using (var host = await ApiHost.StartAsync())
        {
            var address = host.Address;
            await host.DisposeAsync();
            var (code, shown) = await ChatAsync(address, "hi");
            Assert.Equal(1, code);
            Assert.Contains($"No host responds at {address}", shown);
            Assert.Contains("Start one with: pluginhost", shown);
        }
    }

    [Fact]
    public async Task A_key_is_sent_and_a_missing_one_is_explained()
    {
        await using var host = await ApiHost.StartAsync(new ServerConfiguration { Listen = ["http://127.0.0.1:0"], Keys = ["secret"] });
        Assert.Equal(0, (await ChatAsync(host.Address, "hi", key: "secret")).Code);
        var (code, shown) = await ChatAsync(host.Address, "hi");
        Assert.Equal(1, code);
        Assert.Contains("--api-key-file", shown);
    }

    [Fact]
    public async Task The_first_interrupt_cancels_the_run_and_the_chat_continues()
    {
        var model = new HeldModel();
        await using var host = await ApiHost.StartAsync(model.Script);
        using var interrupts = new InterruptHandler();
        Assert.False(interrupts.Interrupt());
        var chatting = ChatAsync(host.Address, "one\ntwo\n", session: "s1", interrupts: interrupts);
        await model.Reached;
        Assert.True(interrupts.Interrupt());
        Assert.False(interrupts.Interrupt());
        var (code, shown) = await chatting;
        Assert.Equal(0, code);
        Assert.Contains("(cancelled)", shown);
        Assert.Contains("fine", shown);
    }

    private static async Task<(int Code, string Shown)> ChatAsync(
        string url, string input, string? session = null, string? agent = null, string? key = null, InterruptHandler? interrupts = null)
    {
        await using var shown = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(shown) });
        using var client = ChatClient.Connect(url, key);
        using var own = new InterruptHandler();
        var chat = new ChatLoop(client, new ChatScreen(console, interactive: false), new StringReader(input), interrupts ?? own) { Agent = agent, Session = session };
        var code = await chat.RunAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return (code, shown.ToString());
    }
}
