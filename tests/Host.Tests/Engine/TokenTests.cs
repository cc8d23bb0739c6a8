using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Stages;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>What is known and learnt of models, and how requests are weighed.</summary>
public sealed class TokenTests
{
    [Theory]
    [InlineData("This model's maximum context length is 8192 tokens. However, your messages resulted in 10032 tokens. Please reduce the length of the messages.", 8192, 10032)]
    [InlineData("This model's maximum context length is 4097 tokens. However, you requested 5000 tokens (1000 in the messages, 4000 in the completion).", 4097, 1000)]
    [InlineData("This model's maximum context length is 4096 tokens. However, you requested 5123 tokens in the messages, Please reduce the length of the messages.", 4096, 5123)]
    [InlineData("This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens. Please reduce the length of the input messages.", 4096, 5000)]
    [InlineData("The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that it fits.", 4096, 5000)]
    [InlineData("the request exceeds the available context size, try increasing it", null, null)]
    [InlineData("request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it", 8192, 9000)]
    [InlineData("Trying to keep the first 5120 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.", 4096, 5120)]
    [InlineData("the input length exceeds the context length", null, null)]
    [InlineData("Prompt contains 40321 tokens and 0 draft tokens, too large for model with 32768 maximum context length", 32768, 40321)]
    [InlineData("prompt is too long: 210431 tokens > 200000 maximum", 200000, 210431)]
    [InlineData("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again", 200000, 190000)]
    [InlineData("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 1048576, 1200000)]
    [InlineData("This model's maximum prompt length is 131072 but the request contains 140000 tokens.", 131072, 140000)]
    [InlineData("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`", 4096, 5000)]
    [InlineData("Your input exceeds the context window of this model. Please adjust your input and try again.", null, null)]
    public void Refusals_of_servers_are_understood(string message, int? limit, int? sent) =>
        Assert.Equal(new LengthRefusal(limit, sent), LengthRefusal.Find($"The model 'm' returned status 400: {message}"));

    [Theory]
    [InlineData("Invalid 'messages[0].content': string too long.")]
    [InlineData("max_tokens is too large: 100000. This model supports at most 16384 completion tokens.")]
    [InlineData("Rate limit reached: Limit 6000, Requested 7000.")]
    public void Other_refusals_are_not(string message) => Assert.Null(LengthRefusal.Find(message));

    [Theory]
    [InlineData("gpt-4o-mini-2024-07-18", 128_000)]
    [InlineData("openai/gpt-4.1", 1_047_576)]
    [InlineData("ft:gpt-3.5-turbo-0125:acme::1", 16_385)]
    [InlineData("gpt-4-0613", 8_192)]
    [InlineData("gpt-4-turbo-preview", 128_000)]
    [InlineData("gpt-5-mini", 272_000)]
    [InlineData("claude-sonnet-4-5", 200_000)]
    [InlineData("o10-large", null)]
    [InlineData("llama3.2", null)]
    [InlineData(null, null)]
    public void The_table_knows_models_by_the_beginning_of_their_names(string? model, int? tokens) => Assert.Equal(tokens, KnownModel.Find(model)?.ContextTokens);

    [Fact]
    public void The_configuration_beats_the_table_and_a_refusal_lowers_both()
    {
        var window = new ModelWindow("gpt-4o");

        Assert.Equal((128_000, 64_000), (window.Find(null), window.Find(64_000)));
        Assert.True(window.LearnLimit(8_000, 64_000));
        Assert.False(window.LearnLimit(8_000, 64_000));
        Assert.False(window.LearnLimit(16_000, 64_000));
        Assert.False(window.LearnLimit(1, 64_000));
        Assert.Equal((8_000, 8_000), (window.Find(null), window.Find(64_000)));
    }

    [Fact]
    public void Reports_of_the_model_correct_the_count_within_bounds()
    {
        var window = new ModelWindow("local");

        window.Learn(1_000, isCounted: false, reported: 1_300);
        Assert.Equal(1.3, window.FactorOf(isCounted: false));
        // The calls of a tool loop need more and less in turn.
        for (var i = 0; i < 40; i++)
        {
            window.Learn(1_000, isCounted: false, reported: 900);
            window.Learn(1_000, isCounted: false, reported: 1_290);
        }

        Assert.Equal(1.3, window.FactorOf(isCounted: false));
        for (var i = 0; i < 17; i++) window.Learn(1_000, isCounted: false, reported: 900);
        Assert.InRange(window.FactorOf(isCounted: false), 1.1, 1.29);
        window.Learn(1_000, isCounted: false, reported: 90_000);
        Assert.Equal(3, window.FactorOf(isCounted: false));
        window.Learn(100, isCounted: true, reported: 200);
        Assert.Equal(1, window.FactorOf(isCounted: true));
    }

    [Theory]
    [InlineData(null, null, 8_000 - 1_000)]
    [InlineData(2_000, null, 8_000 - 2_000)]
    [InlineData(2_000, 100, 8_000 - 100)]
    [InlineData(null, 50_000, 2_000)]
    public void A_part_is_kept_for_the_answer(int? configured, int? asked, int expected)
    {
        var budget = new TokenBudget(new ModelConfiguration { ContextTokens = 8_000, AnswerTokens = configured }, new ModelWindow("local"));

        Assert.Equal(expected, budget.InputFor(new ChatOptions { MaxOutputTokens = asked }));
    }

    [Fact]
    public void An_estimate_counts_text_roles_calls_results_tools_and_images()
    {
        var image = new ChatMessage(ChatRole.User, [new DataContent(new byte[100_000], "image/png"), new TextContent("What is it?")]);
        var call = new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "look", new Dictionary<string, object?> { ["at"] = new string('x', 400) })]);
        var result = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", new string('x', 4_000))]);
        var options = new ChatOptions { Instructions = new string('x', 800), Tools = [AIFunctionFactory.Create((string at) => at, "look", "Looks at a thing.")] };

        Assert.Equal(1_507, TokenWeights.Estimate(image));
        Assert.InRange(TokenWeights.Estimate(call), 104, 110);
        Assert.Equal(1_004, TokenWeights.Estimate(result));
        Assert.InRange(TokenWeights.Estimate(options), 200 + 20, 200 + 80);
    }

    [Fact]
    public void Counting_by_an_encoding_reads_a_message_once()
    {
        var weight = new RequestWeight(new ModelWindow("gpt-4o"), CancellationToken.None);
        var message = new ChatMessage(ChatRole.User, "The quick brown fox jumps over the lazy dog.");

        Assert.True(weight.Decide(estimate: 80, tokens: 100));
        var first = weight.Of(message);
        message.Contents.Add(new TextContent("More."));

        Assert.True(weight.IsCounted);
        Assert.Equal((4 + 10, first), (first, weight.Of(message)));
        Assert.False(weight.Decide(estimate: 201, tokens: 100));
    }

    [Fact]
    public void Messages_that_no_history_loaded_have_no_id()
    {
        HistoryMessage[] earlier = [new() { Id = "m", Origin = MessageOrigin.Input, Message = new ChatMessage(ChatRole.User, "hi") }];

        Assert.Null(new ContextList([], earlier, "h") { IsLoaded = false }[0].Id);
        Assert.Equal("m", new ContextList([], earlier, "h")[0].Id);
    }

    [Fact]
    public void A_message_of_a_history_remembers_its_weight_and_a_changed_copy_does_not()
    {
        var message = new HistoryMessage { Id = "m", Origin = MessageOrigin.Input, Message = new ChatMessage(ChatRole.User, new string('x', 400)) };
        var other = message with { Source = "s" };

        Assert.Equal(104, TokenWeights.Estimate(message));
        Assert.Equal((104, 104), (message.Weight.Tokens, TokenWeights.Estimate(message)));
        Assert.Equal(14, TokenWeights.Estimate(message with { Message = new ChatMessage(ChatRole.User, new string('x', 40)) }));
        Assert.Equal(message with { Source = "s" }, other);
    }

    [Theory]
    [InlineData(100_000, true)]
    [InlineData(2_500, true)]
    [InlineData(30, false)]
    public void What_was_weighed_at_the_load_is_what_the_model_gets(long room, bool isWhole)
    {
        // A result comes back from a history as a JSON string, which the model gets as text; one message is pinned.
        var quoted = JsonSerializer.SerializeToElement(string.Concat(Enumerable.Repeat("\"quoted\" ", 100)));
        ChatMessage[] messages =
        [
            new(ChatRole.User, "The opener.") { AdditionalProperties = new() { ["pinned"] = true } },
            new(ChatRole.Assistant, [new FunctionCallContent("1", "look", new Dictionary<string, object?> { ["at"] = "it" })]),
            new(ChatRole.Tool, [new FunctionResultContent("1", quoted)]),
            new(ChatRole.Assistant, new string('x', 4_000)),
            new(ChatRole.User, [new DataContent(new byte[1_000], "image/png")]),
            new(ChatRole.Assistant, "A picture."),
        ];
        HistoryMessage[] newest = [.. messages.Select((m, i) => new HistoryMessage { Id = $"m{i}", Origin = MessageOrigin.Input, Message = m }).Reverse()];

        var window = HistoryWindow.From(new Page<HistoryMessage> { Items = newest, HasMore = false }, new HistoryQuery { Session = new("t", "s"), Limit = 100, Order = ListOrder.Descending }, "r", room);
        window.KeepOpener(newest[^1]);
        var context = new ContextList([], window.Messages, "h") { LoadedWeight = window.Weight, Opener = window.Opener };

        Assert.Equal(isWhole, window.Messages.Count > 2);
        Assert.Equal(context.Sum(m => TokenWeights.Estimate(m.Message)), ContextList.WeightOf(context));
        Assert.Equal(0, ContextList.WeightOf([]));
        Assert.Null(ContextList.WeightOf([.. context]));
    }

    [Fact]
    public void A_message_that_cannot_fit_is_not_encoded()
    {
        var weight = new RequestWeight(new ModelWindow("gpt-4o"), CancellationToken.None);
        var message = new ChatMessage(ChatRole.User, string.Concat(Enumerable.Repeat("the quick ", 4_000)));

        Assert.False(weight.Decide(TokenWeights.Estimate(message), tokens: 1_000));

        Assert.Equal((true, TokenWeights.Estimate(message)), (weight.IsCounted, weight.Of(message)));
    }

    [Fact]
    public void A_copy_knows_the_same_and_teaches_nothing()
    {
        var window = new ModelWindow("no-such-model");
        window.LearnLimit(4000, null);
        var copy = window.Copy();

        Assert.Equal(4000, copy.Find(null));
        copy.LearnLimit(1000, null);
        Assert.Equal(4000, window.Find(null));
    }
}
