"""What every `nn.Module` has, and what the layers of `torch.nn` have besides: an attribute that is nowhere here is unknown.

Source: `dir(torch.nn.Module())` and the classes of `torch.nn`, torch 0.4 to 2.15.
"""

from __future__ import annotations

MODULE_ATTRIBUTES = frozenset(
    """
    T_destination _all_buffers _apply _backend _backward_hooks _backward_pre_hooks _buffers _call_impl
    _compiled_call_impl _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks
    _forward_pre_hooks_with_kwargs _get_backward_hooks _get_backward_pre_hooks _get_name _is_full_backward_hook
    _load_from_state_dict _load_state_dict_post_hooks _load_state_dict_pre_hooks
    _maybe_warn_non_full_backward_hook _modules _named_members _non_persistent_buffers_set _parameters
    _register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel _save_to_state_dict
    _slow_forward _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl add_module apply bfloat16
    buffers call_super_init children compile cpu cuda double dump_patches eval extra_repr float forward get_buffer
    get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters parameters register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule
    share_memory state_dict to to_empty train training type xpu zero_grad
    """.split()
)

LAYER_ATTRIBUTES = MODULE_ATTRIBUTES | frozenset(
    """
    activation add_bias_kv add_zero_attn affine align_corners all_weights alpha append approximate batch_first
    beta bias bias_k bias_v bidirectional blank ceil_mode check_forward_args check_hidden_size check_input clear
    cls_to_become convert_sync_batchnorm copy count_include_pad custom_decoder custom_encoder cutoffs d_model
    decoder_layer delta device device_ids dilation dim dim_feedforward distance_function div_value
    divisor_override downscale_factor dropout dtype elementwise_affine embed_dim embedding_dim
    enable_nested_tensor encoder_layer end_dim eps extend flatten_parameters freeze from_pretrained fromkeys full
    gather generate_square_subsequent_mask get get_expected_cell_size get_expected_hidden_size groups
    has_uninitialized_params head head_bias hidden_size ignore_index in1_features in2_features in_channels
    in_features include_last_offset init initialize_parameters inplace input_size insert items k kdim keepdim
    kernel_size keys label_smoothing lambd layer_norm_eps log_input log_prob log_target lower margin mask_check
    max_norm max_val max_value merge_masks min_val min_value mode module momentum n_classes name negative_slope
    nhead nonlinearity norm norm_first norm_type normalized_shape num_batches_tracked num_channels num_chunks
    num_classes num_decoder_layers num_embeddings num_encoder_layers num_features num_groups num_heads num_layers
    num_parameters options out_channels out_features output_device output_padding output_ratio output_size p
    padding padding_idx padding_mode parallel_apply permute_hidden pop popitem pos_weight predict process_group
    proj_size recompute_scale_factor reduce reduction replicate reset_parameters reset_running_stats
    return_indices running_mean running_var scale_factor scale_grad_by_freq scatter setdefault size size_average
    sparse start_dim stride swap tail threshold track_running_stats unflattened_size update upper upscale_factor
    value values vdim weight weight_hh weight_ih zero_infinity
    """.split()
)
