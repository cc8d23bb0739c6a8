using PluginHost.Budget.Calls;

namespace PluginHost.Budget.Tests;

/// <summary>What calls are expected to use.</summary>
public sealed class TokenEstimateTests
{
    [Fact]
    public void Parallel_calls_learn_the_same_factor()
    {
        var estimate = new TokenEstimate(100);
        ChatMessage[] messages = [new(ChatRole.User, new string('\u5b57', 300))];
        estimate.Before("m", messages, null, out var counted);

        for (var i = 0; i < 5; i++) estimate.Learn("m", counted, new CallUsage(3 * counted, 0, 1));

        Assert.Equal(3 * counted, estimate.Before("m", messages, null, out _).Input);
    }

    [Fact]
    public void A_limit_of_the_caller_reserves_no_more_than_calls_use() =>
        Assert.Equal(100, new TokenEstimate(100).Before("m", [], new ChatOptions { MaxOutputTokens = int.MaxValue }, out _).Output);
}
